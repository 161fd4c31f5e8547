"""A CRM account in memory, as forgiving and as stubborn as a real one.

It gives ids, refuses what CRMs refuse and writes twice what it is told twice: repeats that should not have been sent
stay visible. What people do in the CRM (edit, merge) has methods of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from leadrelay.ports.crm import (
    FieldWrite,
    Marked,
    Moved,
    Ok,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    SetOwner,
    Skipped,
    Snapshot,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.crm_setup import CrmOwner

STAGE_ORDER = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist")


@dataclass(slots=True)
class Person:
    """One contact. `fields` are in our words; an empty field is absent."""

    crm_id: str
    lead_key: str | None = None
    owner_id: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


class MemoryCrm:
    """Implements `ports.crm.Crm`.

    `order` is the forward order of every `forward_only` field. `owners` are who may own records; None lets anybody.
    `people`, `tasks` and `notes` are by CRM id; `written` is every operation received, in order.
    """

    def __init__(self, order: Sequence[str] = STAGE_ORDER, owners: Sequence[CrmOwner] | None = None) -> None:
        self.people: dict[str, Person] = {}
        self.tasks: dict[str, PutTask] = {}
        self.notes: dict[str, PutNote] = {}
        self.written: list[WriteOp] = []
        self._order = list(order)
        self._owners = None if owners is None else {owner.owner_id: owner for owner in owners}
        self._merged: dict[str, str] = {}
        self._ids = 0

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """The records now, in the order of the keys; a merged record shows as the one it went into."""
        return [self._snapshot(self._find(key)) for key in keys]

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry the operations out in order."""
        return [self._write(op) for op in ops]

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """Tasks and notes on the record that these operations wrote."""
        crm_id, wanted = self._final(crm_id), set(op_ids)
        tasks = [Marked(op.op_id, id_, "task") for id_, op in self.tasks.items() if self._on(op, crm_id, wanted)]
        notes = [Marked(op.op_id, id_, "note") for id_, op in self.notes.items() if self._on(op, crm_id, wanted)]
        return tasks + notes

    def edit(self, crm_id: str, **fields: str) -> None:
        """A person types into the record; an empty text clears."""
        for name, value in fields.items():
            _set(self.people[crm_id].fields, name, value)

    def merge(self, crm_id: str, into: str) -> None:
        """A person merges one record into another; the first id answers Moved from now on."""
        gone = self.people.pop(crm_id)
        kept = self.people[into]
        kept.fields = {**gone.fields, **kept.fields}
        kept.lead_key = kept.lead_key or gone.lead_key
        kept.owner_id = kept.owner_id or gone.owner_id
        self._merged[crm_id] = into

    def _write(self, op: WriteOp) -> WriteResult:
        self.written.append(op)
        if isinstance(op, UpsertPerson):
            return self._upsert(op)
        if op.crm_id in self._merged:
            return Moved(op.op_id, self._final(op.crm_id))
        if op.crm_id not in self.people:
            return Rejected(op.op_id, "NOT_FOUND", f"no record {op.crm_id}")
        if isinstance(op, SetOwner):
            return self._set_owner(op)
        if isinstance(op, PutTask):
            return self._put_task(op)
        return self._put_note(op)

    def _upsert(self, op: UpsertPerson) -> WriteResult:
        known = op.key.crm_id
        if known in self._merged:
            return Moved(op.op_id, self._final(known))
        person = self._find(op.key)
        if known is not None and person is None:
            return Rejected(op.op_id, "NOT_FOUND", f"no record {known}")
        if twin := self._twin(op.fields, person):
            return Rejected(op.op_id, "DUPLICATE", "another record has this address", "email", twin.crm_id)
        created = person is None
        person = person or self._create()
        person.lead_key = op.key.lead_key
        for write in op.fields:
            self._set_field(person, write)
        applied = {write.name: person.fields.get(write.name, "") for write in op.fields}
        return Ok(op.op_id, person.crm_id, created, applied)

    def _set_owner(self, op: SetOwner) -> WriteResult:
        if op.owner_id is not None and not self._may_own(op.owner_id):
            return Rejected(op.op_id, "OWNER_INACTIVE", f"{op.owner_id} cannot own records", "owner_id")
        self.people[op.crm_id].owner_id = op.owner_id
        return Ok(op.op_id, op.crm_id)

    def _put_task(self, op: PutTask) -> WriteResult:
        if op.task_id is not None and op.task_id not in self.tasks:
            return Rejected(op.op_id, "NOT_FOUND", f"no task {op.task_id}")
        if op.owner_id is not None and not self._may_own(op.owner_id):
            return Rejected(op.op_id, "OWNER_INACTIVE", f"{op.owner_id} cannot own tasks", "owner_id")
        task_id = op.task_id or self._id()
        self.tasks[task_id] = op
        return Ok(op.op_id, task_id, created=op.task_id is None)

    def _put_note(self, op: PutNote) -> WriteResult:
        if op.note_id is not None:
            return Skipped(op.op_id, "written before", op.note_id)
        note_id = self._id()
        self.notes[note_id] = op
        return Ok(op.op_id, note_id, created=True)

    def _find(self, key: RecordKey) -> Person | None:
        """By id alone when it is known; else the address, unless another lead claimed it; else our key."""
        if key.crm_id is not None:
            return self.people.get(self._final(key.crm_id))
        return self._one(
            lambda person: bool(key.email) and _mail(person) == _fold(key.email) and _free(person, key)
        ) or (self._one(lambda person: person.lead_key == key.lead_key))

    def _twin(self, fields: Sequence[FieldWrite], person: Person | None) -> Person | None:
        """Another record that already has the address we are about to write."""
        email = next((_fold(_text(write.value)) for write in fields if write.name == "email"), "")
        return self._one(lambda other: bool(email) and _mail(other) == email and other is not person)

    def _set_field(self, person: Person, write: FieldWrite) -> None:
        now, new = person.fields.get(write.name, ""), _text(write.value)
        if write.policy == "clear":
            new = ""
        elif (write.policy == "fill_if_empty" and now) or (write.policy == "forward_only" and self._back(now, new)):
            return
        _set(person.fields, write.name, new)

    def _back(self, now: str, new: str) -> bool:
        """Whether `new` is not ahead of `now`; what is outside the order never moves a value that is in it."""
        rank = {value: place for place, value in enumerate(self._order)}
        return rank.get(new, -1) <= rank.get(now, -1)

    def _may_own(self, owner_id: str) -> bool:
        return self._owners is None or (owner_id in self._owners and self._owners[owner_id].active)

    def _on(self, op: PutTask | PutNote, crm_id: str, op_ids: set[str]) -> bool:
        return op.op_id in op_ids and self._final(op.crm_id) == crm_id

    def _final(self, crm_id: str | None) -> str:
        crm_id = crm_id or ""
        while crm_id in self._merged:
            crm_id = self._merged[crm_id]
        return crm_id

    def _one(self, wanted: Callable[[Person], bool]) -> Person | None:
        return next((person for person in self.people.values() if wanted(person)), None)

    def _create(self) -> Person:
        person = Person(self._id())
        self.people[person.crm_id] = person
        return person

    def _id(self) -> str:
        self._ids += 1
        return str(1000 + self._ids)

    @staticmethod
    def _snapshot(person: Person | None) -> Snapshot | None:
        if person is None:
            return None
        return Snapshot(person.crm_id, person.lead_key, person.owner_id, dict(person.fields))


def _free(person: Person, key: RecordKey) -> bool:
    return person.lead_key in (None, key.lead_key)


def _mail(person: Person) -> str:
    return _fold(person.fields.get("email"))


def _fold(email: str | None) -> str:
    return (email or "").strip().casefold()


def _set(fields: dict[str, str], name: str, value: str) -> None:
    if value:
        fields[name] = value
    else:
        fields.pop(name, None)


def _text(value: str | int | bool | datetime | None) -> str:
    """As a CRM answers it: everything is text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
