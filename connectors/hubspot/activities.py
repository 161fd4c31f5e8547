"""Tasks and notes on a contact: written in batches, marked, and found again by their marks.

A task or note is never made twice: each carries the mark of its operation, the reply is read by these marks, and where
an answer is missing the outcome is unknown until `marks` has looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from connectors.hubspot.answers import ask
from connectors.hubspot.batches import API, LARGEST, Batch, Batches, Input, Item, items, strings
from connectors.hubspot.fields import OWNER_PROPERTY, wire_time
from connectors.hubspot.lookup import CONTACTS
from connectors.hubspot.transport import Wire, is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Trouble
from connectors.kit.marker import mark_of_html, marked_html
from leadrelay.ports.crm import Marked, Ok, PutNote, PutTask, Rejected, Skipped, WriteResult

ASSOCIATIONS = "crm.associations.v4.basic_api"
PAGE = 500
LONGEST = 65_000  # HubSpot takes 65,536 characters
TO_CONTACT = {"tasks": 204, "notes": 202}
"""Association types HubSpot defines: task to contact, note to contact."""
BODY = {"tasks": "hs_task_body", "notes": "hs_note_body"}
KINDS: tuple[tuple[Literal["task", "note"], str], ...] = (("task", "tasks"), ("note", "notes"))


class Activities:
    """The tasks and notes of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields
        self._batches = Batches(wire, fields)

    def put_tasks(self, ops: Sequence[PutTask]) -> list[WriteResult]:
        """Make or change tasks, at most 100, none twice; results in the same order."""
        bad = {op.op_id: _bad_id(op.op_id) for op in ops if not _are_ids(op.crm_id, op.owner_id, op.task_id)}
        good = [op for op in ops if op.op_id not in bad]
        changed = [_change(op) for op in good if op.task_id]
        made = [_creation("tasks", op.op_id, op.crm_id, _task(op)) for op in good if not op.task_id]
        return self._told(ops, "tasks", bad, changed, made)

    def put_notes(self, ops: Sequence[PutNote]) -> list[WriteResult]:
        """Make notes, at most 100; results in the same order."""
        left = {op.op_id: why for op in ops if (why := _not_a_new_note(op))}
        made = [_creation("notes", op.op_id, op.crm_id, _note(op)) for op in ops if op.op_id not in left]
        return self._told(ops, "notes", left, [], made)

    def _told(
        self,
        ops: Sequence[PutTask | PutNote],
        kind: str,
        told: dict[str, WriteResult],
        changed: Sequence[Input],
        made: Sequence[Input],
    ) -> list[WriteResult]:
        update = Batch(kind, "update", lambda item: str(item.get("id")))
        create = Batch(kind, "create", partial(_marked_as, kind), repeatable=False)
        outcomes = self._batches.send((update, changed), (create, made))
        new = {one.op_id for one in made}
        written = {op_id: _result(op_id, one, created=op_id in new) for op_id, one in outcomes.items()}
        return [(told | written)[op.op_id] for op in ops]

    # -- marks

    def marks(self, contact_id: str) -> Iterator[Marked]:
        """Every task and note of ours on a contact. Raises Refused."""
        for kind, plural in KINDS:
            for record_id, body in self._bodies(contact_id, plural):
                op_id = mark_of_html(body)
                if op_id:
                    yield Marked(op_id, record_id, kind)

    def _bodies(self, contact_id: str, kind: str) -> Iterator[tuple[str, str]]:
        """Id and body of every record of a kind on the contact."""
        ids = list(self._linked(contact_id, kind))
        for start in range(0, len(ids), LARGEST):
            inputs = [{"id": record_id} for record_id in ids[start : start + LARGEST]]
            body = {"inputs": inputs, "properties": [BODY[kind]], "propertiesWithHistory": []}
            answer = ask(partial(self._wire.call, API, "read", kind, body), self._fields)
            for item in items(answer, "results"):
                yield str(item["id"]), strings(item.get("properties")).get(BODY[kind], "")

    def _linked(self, contact_id: str, kind: str) -> Iterator[str]:
        after: dict[str, str] = {}
        while True:
            call = partial(self._wire.call, ASSOCIATIONS, "get_page", CONTACTS, contact_id, kind, limit=PAGE, **after)
            page = ask(call, self._fields)
            yield from (str(item["toObjectId"]) for item in items(page, "results"))
            following = page.body.get("paging", {}).get("next", {}).get("after")
            if not following:
                return
            after = {"after": str(following)}


def _task(op: PutTask) -> dict[str, str]:
    return {
        "hs_task_subject": op.subject,
        "hs_task_body": marked_html(op.body, op.op_id, LONGEST),
        "hs_task_status": "COMPLETED" if op.done else "NOT_STARTED",
        "hs_task_priority": op.priority,
        "hs_task_type": "TODO",
        "hs_timestamp": wire_time(op.due_at),
        OWNER_PROPERTY: op.owner_id or "",
    }


def _note(op: PutNote) -> dict[str, str]:
    return {"hs_note_body": marked_html(op.body, op.op_id, LONGEST), "hs_timestamp": wire_time(op.at)}


def _change(op: PutTask) -> Input:
    return Input(op.op_id, str(op.task_id), {"id": op.task_id, "properties": _task(op)})


def _creation(kind: str, op_id: str, contact_id: str, properties: Mapping[str, str]) -> Input:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_CONTACT[kind]}]
    filled = {name: value for name, value in properties.items() if value}
    body: dict[str, Any] = {"properties": filled, "associations": [{"to": {"id": contact_id}, "types": types}]}
    return Input(op_id, op_id, body)


def _marked_as(kind: str, item: Item) -> str:
    return mark_of_html(strings(item.get("properties")).get(BODY[kind], "")) or ""


def _result(op_id: str, outcome: Item | Trouble, *, created: bool) -> WriteResult:
    if isinstance(outcome, Mapping):
        return Ok(op_id, str(outcome["id"]), created=created)
    return outcome.result(op_id)


def _not_a_new_note(op: PutNote) -> WriteResult | None:
    if op.note_id:
        return Skipped(op.op_id, "the note is written; notes never change", op.note_id)
    return None if _are_ids(op.crm_id) else _bad_id(op.op_id)


def _are_ids(required: str, *others: str | None) -> bool:
    """Ids end in requests and paths: they must be HubSpot's. Others may be missing, not malformed."""
    return is_id(required) and all(value is None or is_id(value) for value in others)


def _bad_id(op_id: str) -> WriteResult:
    return Rejected(op_id, "VALIDATION", "not a HubSpot record id")
