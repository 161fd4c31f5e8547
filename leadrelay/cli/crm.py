"""`leadrelay crm …`: is the CRM account ready, what is missing, and who can own records there."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from connectors import registry
from leadrelay.cli.console import refuse, say
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.ports.crm_setup import CrmSetup

app = typer.Typer(no_args_is_help=True, help="Prepare the CRM account. Only `setup` changes anything, and only fields.")

Vendor = Annotated[str, typer.Option("--crm", help="The connector's folder.")]
Endpoint = Annotated[str | None, typer.Option(help="Another address, such as the sandbox's.")]


@app.command()
def doctor(stage: Stage = STAGE, crm: Vendor = "hubspot", endpoint: Endpoint = None) -> None:
    """Credentials, scopes, fields, quota: what is wrong, and what to do about it."""
    table = Table("", "what", "found", "do")
    checks = _setup(stage, crm, endpoint).check()
    for check in checks:
        table.add_row("✓" if check.ok else "✗", check.name, check.detail, check.fix)
    say(table)
    if not all(check.ok for check in checks):
        refuse("the account is not ready")


@app.command()
def setup(
    stage: Stage = STAGE,
    crm: Vendor = "hubspot",
    endpoint: Endpoint = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be created, and stop.")] = False,
) -> None:
    """Create the fields that LeadRelay writes. Running it again changes nothing."""
    account = _setup(stage, crm, endpoint)
    missing = account.plan()
    for op in missing:
        say(f"{op.kind} {op.name} is missing")
    done = [] if plan else account.apply(missing)
    for line in done:
        say(line)
    say("nothing is missing" if not missing else f"{len(missing)} missing, {len(done)} created")


@app.command()
def owners(stage: Stage = STAGE, crm: Vendor = "hubspot", endpoint: Endpoint = None) -> None:
    """Everybody who can own a record, with the id that `crm:` in team.yaml wants."""
    table = Table("id", "name", "e-mail", "active")
    for owner in _setup(stage, crm, endpoint).owners():
        table.add_row(owner.owner_id, owner.name, owner.email, "yes" if owner.active else "no")
    say(table)


def _setup(stage: str, vendor: str, endpoint: str | None) -> CrmSetup:
    secret = {name: values[0] for name, values in Deployed(stage).secrets().get(f"crm/{vendor}").items()}
    account: CrmSetup = registry.load("setup", vendor).setup(secret, endpoint)
    return account
