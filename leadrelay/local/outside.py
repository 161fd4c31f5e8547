"""The world outside AWS, on loopback: a CRM, the APIs that senders are asked at, and a receiver for notices.

They are what LeadRelay talks to, so they hold the other half of its secrets and tell, at the end, what really arrived.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.local import crm_world
from leadrelay.local.notices import Receiver
from leadrelay.local.samples import trial_secrets
from leadrelay.ports.crm_setup import CrmSetup
from leadrelay.ports.source import SecretValues

Secrets = Mapping[str, Mapping[str, str]]
"""Path in the secret store -> names -> value."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The running stand-ins and the secrets they share with the deployment. `lists` are those of senders, by vendor: in
    their `world` stands what can be asked for."""

    vendor: str
    crm: crm_world.Sandbox
    lists: Mapping[str, Any]
    notices: Receiver
    secrets: Secrets = field(repr=False)

    @property
    def endpoints(self) -> str:
        """The template's parameter: JSON of vendor to base URL."""
        return json.dumps({self.vendor: self.crm.url, **{vendor: there.url for vendor, there in self.lists.items()}})

    def of_source(self, source: str) -> SecretValues:
        """The secrets of a source, as its senders use them."""
        return {name: (value,) for name, value in self.secrets[f"source/{source}"].items()}


@contextlib.contextmanager
def standing(rules: Rules) -> Iterator[Outside]:
    """Start the stand-ins for these rules: their sources, their team, their channels."""
    with contextlib.ExitStack() as stack:
        notices = stack.enter_context(Receiver())
        vendor = rules.crm.vendor
        crm, key = registry.load("sandbox", vendor).stand(_owners(rules))
        stack.enter_context(crm)
        secrets = _secrets(rules, notices.address, key)
        lists = {name: stack.enter_context(_list(name, secrets[f"fetch/{name}"])) for name in _listing(rules)}
        ready: CrmSetup = registry.load("setup", vendor).setup(key, crm.url)
        ready.apply(ready.plan())
        yield Outside(vendor, crm, lists, notices, secrets)


def _listing(rules: Rules) -> list[str]:
    """The vendors of these rules that can be asked for what they have, beside the CRMs."""
    known = dict.fromkeys(policy.vendor for policy in rules.sources.sources.values())
    return [name for name in known if {"fetch", "sandbox", "crm"} & set(registry.roles(name)) == {"fetch", "sandbox"}]


def _list(vendor: str, secrets: Mapping[str, str]) -> Any:
    """A sender's stand-in, opened by those of its secrets that it asks for."""
    serve = registry.load("sandbox", vendor).serve
    return serve(**{name: value for name, value in secrets.items() if name in inspect.signature(serve).parameters})


def _secrets(rules: Rules, receiver: str, key: Mapping[str, str]) -> Secrets:
    """Fresh values for everything the enabled vendors say they need; the CRM is opened by its `key`, for writing and
    for reading; a channel's secret is where its notices go."""
    vendor = rules.crm.vendor
    made: dict[str, Mapping[str, str]] = {f"crm/{vendor}": key, f"fetch/{vendor}": key}
    for name, policy in rules.sources.sources.items():
        made[f"source/{name}"] = trial_secrets(policy.vendor)
        made.setdefault(f"fetch/{policy.vendor}", made[f"source/{name}"])
    for name, channel in rules.notices.channels.items():
        made[channel.secret] = {"url": f"json://{receiver}/{name}"}
    return made


def _owners(rules: Rules) -> list[crm_world.Owner]:
    """The team of the rules, as the CRM knows them."""
    vendor = rules.crm.vendor
    return [
        crm_world.Owner(rep.crm[vendor], rep.email, rep.name, "", active=rep.active)
        for rep in rules.team.reps
        if vendor in rep.crm
    ]
