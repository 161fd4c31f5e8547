"""`leadrelay crm plan`: what would be written into the CRM, without writing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from leadrelay.cli.console import refuse, say
from leadrelay.cli.crm.account import Vendor, named
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import PutNote, PutTask, SetMembership, UpsertPerson, WriteOp
from leadrelay.ports.records import SyncRecord, lead_key, sync_key
from leadrelay.ports.store import Store
from leadrelay.workflows.deliver.plan import would_write

Lead = Annotated[str | None, typer.Option("--lead", help="Only this lead, whether it is planned, shadow or live.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many leads, longest waiting first.")]
Values = Annotated[bool, typer.Option("--values", help="With the values: personal data. Without it names only.")]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would be written; `value` is personal."""

    lead_id: str
    what: str
    field: str
    policy: str
    value: str


def plan(
    stage: Stage = STAGE, crm: Vendor = None, lead: Lead = None, limit: Limit = 20, values: Values = False
) -> None:
    """Show what would be written, field by field, by the rules in force. Neither reads the CRM nor writes to it.

    Shown is what waits because of `mode: plan` in crm.yaml or `shadow: true` of a source. `leadrelay parked redrive
    planned_CRM` writes it, once the rules say live.
    """
    deployed = Deployed(stage)
    vendor = named(deployed, crm)
    store = deployed.store()
    keys = store.listed(f"PLANNED#{vendor}", limit) if lead is None else [sync_key(lead, vendor)]
    syncs = [row for row in store.load_all(keys) if isinstance(row, SyncRecord)]
    if lead is not None and store.load(lead_key(lead)) is None:
        refuse(f"there is no lead {lead} in stage {stage}")
    if lead is not None and not syncs:
        refuse(
            f"nothing is to be written for lead {lead} in {vendor}: `leadrelay lead show {lead}` tells how far it is"
        )
    rules = deployed.rules().current()
    found = [line for sync in syncs for line in _lines(sync, store, rules)]
    say(_table(found, vendor, values=values) if found else f"{vendor}: nothing waits to be written")


def _lines(sync: SyncRecord, store: Store, rules: Rules) -> Iterator[Line]:
    record = store.load(lead_key(sync.lead_id))
    if record is None or record.lead.card is None:
        return
    for op in would_write(record, sync, rules):
        for what, field, policy, value in shown(op):
            yield Line(sync.lead_id, what, field, policy, value)


def shown(op: WriteOp) -> list[tuple[str, str, str, str]]:
    """What is written, which field, by which policy, and the value."""
    match op:
        case UpsertPerson(key=key, fields=fields):
            what = "create" if key.crm_id is None else f"update {key.crm_id}"
            return [(what, write.name, write.policy, _text(write.value)) for write in fields]
        case SetMembership(list_id=list_id, member=member):
            return [("list", list_id, "", "on" if member else "off")]
        case PutTask(task_id=task_id, subject=subject, due_at=due_at):
            return [("task", "new" if task_id is None else task_id, "", f"{subject}, due {_text(due_at)}")]
        case PutNote(body=body):
            return [("note", "new", "", body)]


def _table(found: Sequence[Line], crm: str, *, values: bool) -> Table:
    """A lead's id stands where its lines begin."""
    table = Table("lead", "what", "field", "policy", title=f"What would be written to {crm}")
    if values:
        table.add_column("value")
    before = None
    for line in found:
        if before is not None and line.lead_id != before:
            table.add_section()
        cells = [line.lead_id if line.lead_id != before else "", line.what, line.field, line.policy]
        table.add_row(*map(cell, [*cells, line.value] if values else cells))
        before = line.lead_id
    return table


def _text(value: str | int | bool | datetime | None) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else str(value)
