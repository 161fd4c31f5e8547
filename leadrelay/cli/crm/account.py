"""The CRM account that a command is about: which one, its reading API, and the stage that writes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated

import typer

from connectors import registry
from leadrelay.cli.deployed import Deployed
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import Crm
from leadrelay.ports.crm_setup import CrmSetup
from leadrelay.ports.errors import Misconfigured

Vendor = Annotated[
    str | None,
    typer.Option("--crm", help="The connector's folder; without it the CRM that the deployed rules name."),
]
Endpoint = Annotated[str | None, typer.Option(help="Another address than the vendor's own, such as the sandbox's.")]


@dataclass(frozen=True)
class Account:
    """`crm` is the vendor's name, `setup` what prepares the account, `records` makes what reads single records,
    `deployed` is the stage whose secrets open it."""

    crm: str
    setup: CrmSetup
    records: Callable[[], Crm]
    deployed: Deployed

    @cached_property
    def rules(self) -> Rules:
        """The rules in force. Raises Misconfigured when none are deployed."""
        return self.deployed.rules().current()


def opened(stage: str, crm: str | None, endpoint: str | None) -> Account:
    """The account with the stage's credentials. Raises Misconfigured when there is no such stage, CRM or secret."""
    deployed = Deployed(stage)
    vendor = named(deployed, crm)
    role = registry.load("setup", vendor)
    secret = {name: values[0] for name, values in deployed.secrets().get(f"crm/{vendor}").items()}
    return Account(vendor, role.setup(secret, endpoint), partial(_records, vendor, secret, endpoint), deployed)


def _records(vendor: str, secret: Mapping[str, str], endpoint: str | None) -> Crm:
    crm: Crm = registry.load("crm", vendor).crm(secret, endpoint)
    return crm


def named(deployed: Deployed, crm: str | None) -> str:
    """The CRM that was asked for, or the one that the rules in force write to. Raises Misconfigured without either, and
    for what is no CRM."""
    if crm is not None:
        return _one_of(crm, [vendor for vendor in registry.vendors() if "crm" in registry.roles(vendor)])
    try:
        return deployed.rules().current().crm.vendor
    except Misconfigured as problem:
        raise Misconfigured(f"{problem}; or say which CRM it is with --crm") from problem


def _one_of(crm: str, known: Sequence[str]) -> str:
    if crm not in known:
        raise Misconfigured(f"no CRM named {crm!r}; there are: {', '.join(known)}")
    return crm
