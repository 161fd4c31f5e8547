"""What must be written: the card against what was written last.

Only digests of what was written are kept, so the sync row says nothing about a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.card.card import Card, Note, Task, digest
from leadrelay.domain.card.policy import CrmPolicy, FieldUse
from leadrelay.domain.routing.policy import TeamPolicy
from leadrelay.ports.crm import FieldWrite, Policy, PutNote, PutTask, RecordKey, SetOwner, UpsertPerson, WriteOp
from leadrelay.ports.records import SyncRecord

_USES: Mapping[str, FieldUse] = {
    "email": "fill_if_empty",
    "phone": "fill_if_empty",
    "first_name": "fill_if_empty",
    "last_name": "fill_if_empty",
    "job_title": "fill_if_empty",
    "company": "fill_if_empty",
    "country": "fill_if_empty",
    "industry": "fill_if_empty",
    "employees": "fill_if_empty",
    "lead_status": "fill_if_empty",
    "lifecycle_stage": "forward_only",
}
"""Whose fields they are, unless crm.yaml says otherwise: what a rep may have corrected is only filled when empty; what
LeadRelay decides is its own."""


def digests(card: Card) -> dict[str, str]:
    """Of every field that has a value."""
    return {name: digest(value) for name, value in card.fields.items() if value is not None}


def person(card: Card, sync: SyncRecord, policy: CrmPolicy, op: str) -> UpsertPerson | None:
    """The person's changed fields, or None when the record exists and nothing changed."""
    writes = tuple(_writes(card, sync, policy))
    if not writes and sync.crm_id is not None:
        return None
    email = card.fields.get("email")
    key = RecordKey(lead_key=sync.lead_id, crm_id=sync.crm_id, email=None if email is None else str(email))
    return UpsertPerson(op_id=op, key=key, fields=writes)


def _writes(card: Card, sync: SyncRecord, policy: CrmPolicy) -> list[FieldWrite]:
    now = digests(card)
    changed = [name for name in card.fields if now.get(name) != sync.values.get(name)]
    uses = {name: policy.fields.get(name) or _USES.get(name, "own") for name in changed}
    return [
        FieldWrite(name, card.fields[name], _policy(card.fields[name], use))
        for name, use in uses.items()
        if use != "never" and not (card.fields[name] is None and use != "own")
    ]


def _policy(value: object, use: FieldUse) -> Policy:
    """A field of ours that has no value any more is emptied there too."""
    if value is None:
        return "clear"
    return "own" if use == "never" else use


def followers(card: Card, sync: SyncRecord, policy: CrmPolicy, team: TeamPolicy) -> list[WriteOp]:
    """Owner, task and note, for a record whose id in the CRM is known."""
    crm_id = sync.crm_id or ""
    owner = None if card.owner is None else team.rep(card.owner).crm.get(sync.crm)
    ops: list[WriteOp] = []
    if owner is not None and owner != sync.owner:
        ops.append(SetOwner(op_id=_op(sync, f"owner-{digest(owner)}"), crm_id=crm_id, owner_id=owner))
    if card.task is not None and policy.next_step_task and _task_changed(card.task, owner, sync):
        ops.append(_task(card.task, owner, sync))
    if card.note is not None and policy.assignment_note and _note_op(card.note, sync) not in sync.done:
        note = card.note
        ops.append(PutNote(op_id=_note_op(note, sync), crm_id=crm_id, body=note.body, at=note.at))
    return ops


def created(card: Card, sync: SyncRecord) -> list[str]:
    """The operations that make something new in the CRM, whether they are to be sent now or were sent before: the task
    and the note of this assignment. A second time they would make it twice."""
    return [_op(sync, "task"), *([] if card.note is None else [_note_op(card.note, sync)])]


def task_digest(task: Task, owner: str | None) -> str:
    """What a task looks like in the CRM."""
    return digest((task.model_dump_json(), owner))


def _task_changed(task: Task, owner: str | None, sync: SyncRecord) -> bool:
    known = sync.done.get(_op(sync, "task"))
    return sync.values.get("task") != task_digest(task, owner) and not (task.done and known is None)


def _task(task: Task, owner: str | None, sync: SyncRecord) -> PutTask:
    """One task per lead: a new owner gets the same task with a new deadline."""
    op = _op(sync, "task")
    return PutTask(
        op_id=op,
        crm_id=sync.crm_id or "",
        subject=task.subject,
        body=task.body,
        due_at=task.due_at,
        owner_id=owner,
        done=task.done,
        priority="HIGH" if task.urgent else "MEDIUM",
        task_id=sync.done.get(op),
    )


def _note_op(note: Note, sync: SyncRecord) -> str:
    return _op(sync, f"note-{note.hop}")


def _op(sync: SyncRecord, what: str) -> str:
    """Operations are named for ever: `find_marked` finds them in the CRM by this name."""
    return f"{sync.lead_id[:12]}-{what}"
