"""`leadrelay lead erase`: a person is removed, after it was said what that means."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import refuse, say
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Reject
from leadrelay.workflows.erasures import Erasing, Erasures
from leadrelay.workflows.pseudonyms import Pseudonyms


def erase(
    lead_id: Annotated[str, typer.Argument(help="The lead; or name the person by an option.")] = "",
    email: Annotated[str, typer.Option("--email", help="The person's own address.")] = "",
    phone: Annotated[str, typer.Option("--phone", help="Their number, with its country code.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would be done.")] = False,
    stage: Stage = STAGE,
) -> None:
    """Remove a person for good: all that was said by or of them, their raw deliveries, what was derived from it."""
    if [bool(each) for each in (lead_id, email, phone)].count(True) != 1:
        refuse("say who: by the lead's id, by --email or by --phone")
    deployed = Deployed(stage)
    work = Erasures(
        deployed.store(), deployed.rules(), Pseudonyms(deployed.secrets()), SystemClock(), MemoryTelemetry()
    )
    try:
        named = lead_id or (work.by_email(email) if email else work.by_phone(phone))
        say(_erasing(work.plan(named)))
        done = work(named) if yes else None
    except Reject as refused:
        refuse(f"cannot be erased: {refused.detail or refused.reason}")
    say(_DONE[done])


_DONE = {
    None: "nothing was done; add --yes to do it: there is no way back",
    True: "done; delete the records in the CRM for good as well, if they are still there",
    False: "the lead is erased; the CRM is being written just now, so the rest follows within minutes by itself",
}


def _erasing(erasing: Erasing) -> Table:
    first, *others = erasing.leads
    table = Table(title=f"Erase {first}", show_header=False)
    rows = {
        "leads that became it": ", ".join(others) or "none",
        "what is known": ", ".join(erasing.fields) or "nothing",
        "what was said, in touches": erasing.touches,
        "raw deliveries, removed whole": erasing.deliveries,
        "told about it": erasing.owner or "RevOps",
        "for people to delete in the CRM": ", ".join(erasing.crm) or "nothing",
    }
    if erasing.erased_at is not None:
        rows["erased before, on (UTC)"] = erasing.erased_at.isoformat(" ", "minutes")
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table
