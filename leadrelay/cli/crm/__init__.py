"""`leadrelay crm …`: prepare a CRM account, look into it, bring its people in, and see what would be written there."""

from __future__ import annotations

import typer

from leadrelay.cli.crm import doctor, import_, owners, plan, setup

app = typer.Typer(
    no_args_is_help=True,
    help="Prepare the CRM account and look into it. Only `setup` changes anything there, and only fields and views.",
)
app.command()(doctor.doctor)
app.command()(setup.setup)
app.command()(owners.owners)
app.command("import")(import_.import_)
app.command()(plan.plan)
