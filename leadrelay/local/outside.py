"""The world outside AWS, on loopback: a CRM, Meta's Graph API, and a receiver for notices.

They are what LeadRelay talks to, so they hold the other half of its secrets and tell, at the end, what really arrived.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors import registry
from connectors.meta import sandbox as meta_sandbox
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
    """The running stand-ins and the secrets they share with the deployment."""

    vendor: str
    crm: crm_world.Sandbox
    graph: meta_sandbox.Sandbox
    notices: Receiver
    secrets: Secrets = field(repr=False)

    @property
    def endpoints(self) -> str:
        """The template's parameter: JSON of vendor to base URL."""
        return json.dumps({self.vendor: self.crm.url, "meta": self.graph.url})

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
        meta = secrets["fetch/meta"]
        graph = meta_sandbox.serve(access_token=meta["access_token"], app_secret=meta["app_secret"])
        stack.enter_context(graph)
        ready: CrmSetup = registry.load("setup", vendor).setup(key, crm.url)
        ready.apply(ready.plan())
        yield Outside(vendor, crm, graph, notices, secrets)


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
