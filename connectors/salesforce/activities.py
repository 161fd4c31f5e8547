"""Tasks and notes on a person, each written once whatever the network does.

A note is a completed task: that is the usual entry in Salesforce's activity history, it is on by default, one record,
and goes along when a lead becomes a contact. (A ContentNote takes two records and a feature that may be off.)

A task's deadline is a date in Salesforce; the exact time stands in the first line of its description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Refusal, Refused
from connectors.kit.marker import mark_of_text, marked_text
from connectors.salesforce.answers import GONE
from connectors.salesforce.ids import long_id, owner_id
from connectors.salesforce.lookup import Lookup, kind_of, person_id
from connectors.salesforce.plans import Outcome
from connectors.salesforce.rows import Row, Rows, Saved
from connectors.salesforce.session import Org
from leadrelay.ports.crm import Marked, Moved, Ok, PutNote, PutTask, Rejected, Skipped, WriteResult

Activity = PutTask | PutNote

LONGEST_BODY, LONGEST_SUBJECT = 31_000, 255
"""Characters; Salesforce takes 32,000 of a description."""
DONE, OPEN = "Completed", "Not Started"
PRIORITY: Mapping[str, str] = {"HIGH": "High", "MEDIUM": "Normal", "LOW": "Low"}
NOTE = "LeadRelay: "
"""How a note's subject begins."""


class Activities:
    """The tasks of one account."""

    def __init__(self, org: Org, fields: FieldMap, lookup: Lookup) -> None:
        self._rows = Rows(org, fields)
        self._lookup = lookup

    def put(self, ops: Sequence[Activity]) -> list[WriteResult]:
        """Create and update; results in the same order. Tasks and notes are records of one kind: all that are new
        travel in one call."""
        early = {op.op_id: answer for op in ops if (answer := _early(op))}
        rows = [_row(op) for op in ops if op.op_id not in early]
        outcomes = self._rows.save(rows) if rows else {}
        moved = self._moved([op for op in ops if _is_gone(outcomes.get(op.op_id))])
        return [early.get(op.op_id) or moved.get(op.op_id) or _result(op, outcomes[op.op_id]) for op in ops]

    def marks(self, crm_id: str) -> Iterator[Marked]:
        """The marks of all tasks and notes on a person. Descriptions cannot be searched, so all are read."""
        from simple_salesforce.format import format_soql

        query = format_soql("SELECT Id, Subject, Description FROM Task WHERE WhoId = {} ORDER BY CreatedDate", crm_id)
        for row in self._lookup.pages(query):
            op_id = mark_of_text(str(row.get("Description") or ""))
            if op_id:
                kind: Literal["task", "note"] = "note" if str(row.get("Subject")).startswith(NOTE) else "task"
                yield Marked(op_id, str(row["Id"]), kind)

    def _moved(self, ops: Sequence[Activity]) -> dict[str, WriteResult]:
        """Whose person is no longer there but went on as another record."""
        try:
            found = self._lookup.successors(op.crm_id for op in ops) if ops else {}
        except Refused as refused:
            return {op.op_id: refused.trouble.result(op.op_id) for op in ops}
        return {op.op_id: Moved(op.op_id, new) for op in ops if (new := found.get(person_id(op.crm_id)))}


def _early(op: Activity) -> WriteResult | None:
    """What needs no request."""
    if isinstance(op, PutNote) and op.note_id:
        return Skipped(op.op_id, "the note is written; notes never change", op.note_id)
    wrong = [kind_of(op.crm_id) is None]
    if isinstance(op, PutTask):
        wrong += [bool(op.task_id) and not long_id(str(op.task_id), "Task"), not _is_owner(op.owner_id)]
    return Rejected(op.op_id, "VALIDATION", "not a Salesforce record id") if any(wrong) else None


def _is_owner(text: str | None) -> bool:
    return not text or any(long_id(text, kind) for kind in ("User", "Group"))


def _row(op: Activity) -> Row:
    if isinstance(op, PutNote):
        return Row(op.op_id, "Task", {"WhoId": op.crm_id, **_note(op)})
    values = _task(op)
    return Row(op.op_id, "Task", values if op.task_id else {"WhoId": op.crm_id, **values}, op.task_id or "")


def _task(op: PutTask) -> dict[str, Any]:
    due = op.due_at.astimezone(UTC)
    body = f"Due {due:%Y-%m-%d %H:%M} UTC\n{op.body}"
    return {
        "Subject": op.subject[:LONGEST_SUBJECT],
        "Description": marked_text(body, op.op_id, LONGEST_BODY),
        "ActivityDate": _date(due),
        "Status": DONE if op.done else OPEN,
        "Priority": PRIORITY[op.priority],
        **({"OwnerId": owner_id(op.owner_id)} if op.owner_id else {}),
    }


def _note(op: PutNote) -> dict[str, Any]:
    return {
        "Subject": f"{NOTE}{next(iter(op.body.splitlines()), '')}"[:LONGEST_SUBJECT],
        "Description": marked_text(op.body, op.op_id, LONGEST_BODY),
        "ActivityDate": _date(op.at),
        "Status": DONE,
        "Priority": PRIORITY["MEDIUM"],
    }


def _date(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _is_gone(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Refusal) and outcome.code in GONE


def _result(op: Activity, outcome: Outcome) -> WriteResult:
    if isinstance(outcome, Saved):
        return Ok(op.op_id, outcome.crm_id, outcome.created)
    return outcome.result(op.op_id)
