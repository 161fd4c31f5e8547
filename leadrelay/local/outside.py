"""The world outside AWS, on loopback: a CRM, Meta's Graph API, and a receiver for notices.

They are what LeadRelay talks to, so they hold the other half of its secrets and tell, at the end, what really arrived.
"""

from __future__ import annotations

import contextlib
import json
import secrets as dice
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors import registry
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.setup import setup as hubspot_setup
from connectors.meta import sandbox as meta_sandbox
from leadrelay.domain.rules import Rules
from leadrelay.local import crm_world
from leadrelay.local.notices import Receiver
from leadrelay.ports.source import SecretValues

SECRET_BYTES = 24
CRM = "hubspot"

Secrets = Mapping[str, Mapping[str, str]]
"""Path in the secret store -> names -> value."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The running stand-ins and the secrets they share with the deployment."""

    crm: crm_world.Sandbox
    graph: meta_sandbox.Sandbox
    notices: Receiver
    secrets: Secrets = field(repr=False)

    @property
    def endpoints(self) -> str:
        """The template's parameter: JSON of vendor to base URL."""
        return json.dumps({CRM: self.crm.url, "meta": self.graph.url})

    def of_source(self, source: str) -> SecretValues:
        """The secrets of a source, as its senders use them."""
        return {name: (value,) for name, value in self.secrets[f"source/{source}"].items()}


@contextlib.contextmanager
def standing(rules: Rules) -> Iterator[Outside]:
    """Start the stand-ins for these rules: their sources, their team, their channels."""
    with contextlib.ExitStack() as stack:
        notices = stack.enter_context(Receiver())
        secrets = _secrets(rules, notices.address)
        meta = secrets["fetch/meta"]
        graph = meta_sandbox.serve(access_token=meta["access_token"], app_secret=meta["app_secret"])
        stack.enter_context(graph)
        crm = stack.enter_context(hubspot_sandbox.serve(token=secrets[f"crm/{CRM}"]["token"]))
        _hire(crm, rules)
        ready = hubspot_setup(secrets[f"crm/{CRM}"], crm.url)
        ready.apply(ready.plan())
        yield Outside(crm, graph, notices, secrets)


def _secrets(rules: Rules, receiver: str) -> Secrets:
    """Fresh values for everything the enabled vendors say they need; a channel's is where its notices go."""
    made: dict[str, Mapping[str, str]] = {f"crm/{CRM}": {"token": dice.token_hex(SECRET_BYTES)}}
    for name, policy in rules.sources.sources.items():
        wanted = registry.manifest(policy.vendor).secrets
        made[f"source/{name}"] = {secret: dice.token_hex(SECRET_BYTES) for secret in wanted}
        made.setdefault(f"fetch/{policy.vendor}", made[f"source/{name}"])
    for name, channel in rules.notices.channels.items():
        made[channel.secret] = {"url": f"json://{receiver}/{name}"}
    return made


def _hire(crm: crm_world.Sandbox, rules: Rules) -> None:
    """The team of the rules, as the CRM knows them."""
    for rep in rules.team.reps:
        if CRM in rep.crm:
            crm.world.put_owner(crm_world.Owner(rep.crm[CRM], rep.email, rep.name, "", active=rep.active))
