"""`leadrelay sources …`: whether those who should deliver still do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from connectors import registry
from leadrelay.aws.stack import outputs
from leadrelay.cli.console import refuse, say
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.subscriptions import checked
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.fetch import Subscribed

app = typer.Typer(no_args_is_help=True, help="Whether those who should deliver still do.")


@app.callback()
def _sources() -> None:
    """Whether those who should deliver still do."""


@app.command()
def check(
    source: Annotated[str | None, typer.Option(help="Only this source of sources.yaml.")] = None,
    to: Annotated[str | None, typer.Option(help="The deployment's address; without it that of the stack.")] = None,
    stage: Stage = STAGE,
) -> None:
    """Ask each sender whether its webhook comes to us and is switched on.

    Senders switch a webhook off that failed for a while, and say nothing: from then on it is silent. Asks only, and
    changes nothing. Looks at every source whose list is read (poll_seconds); Meta, Typeform and Calendly tell.
    Exit code 1 when something is wrong, so that a schedule can watch it.
    """
    deployed = Deployed(stage)
    policies = {name: policy for name, policy in deployed.rules().current().sources.sources.items() if policy.enabled}
    if source is not None and source not in policies:
        refuse(f"sources.yaml has no source '{source}' that is enabled")
    asked = {
        name: policy
        for name, policy in policies.items()
        if (policy.poll_seconds is not None if source is None else name == source)
    }
    url = (to or outputs(f"leadrelay-{stage}", ("ApiUrl",))["ApiUrl"]).rstrip("/")
    found = [(name, one) for name, policy in asked.items() for one in _looked(deployed, name, policy, url)]
    table = Table("", "source", "what", "found", "do", title=f"Who delivers, stage {stage}")
    for name, one in found:
        table.add_row(
            "[green]✓[/]" if one.ok else "[red]✗[/]", cell(name), cell(one.name), cell(one.detail), cell(one.fix)
        )
    say(table if found else "no sender that tells its webhooks is asked for its list (poll_seconds in sources.yaml)")
    wrong = sum(not one.ok for _, one in found)
    if wrong:
        refuse(f"{wrong} of {len(found)} not in order; what to do stands beside each")


def _looked(deployed: Deployed, name: str, policy: SourcePolicy, url: str) -> Iterator[Check]:
    """Nothing for a sender that does not tell."""
    if "fetch" not in registry.roles(policy.vendor):
        return
    endpoint = json.loads(os.environ.get("LEADRELAY_ENDPOINTS", "{}")).get(policy.vendor)
    try:
        secret = {key: values[0] for key, values in deployed.secrets().get(f"fetch/{policy.vendor}").items()}
        fetcher = registry.load("fetch", policy.vendor).fetch(secret, endpoint, policy.options)
    except Misconfigured as wrong:
        yield Check("webhooks", ok=False, detail="could not be looked at", fix=str(wrong))
        return
    if isinstance(fetcher, Subscribed):
        yield from checked(fetcher, f"{url}/in/{name}", f"docs/connectors.md, {registry.manifest(policy.vendor).name}")
