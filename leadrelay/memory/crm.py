"""A CRM account in memory, as forgiving and as stubborn as a real one.

It gives ids, refuses what CRMs refuse and writes twice what it is told twice: repeats that should not have been sent
stay visible. It counts the requests that a CRM with batches would have cost, and asks the meter before each. What
people do in the CRM (edit, give to another owner, merge, delete) has methods of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadrelay.memory.crm_person import Person, fold, groups, requests, text
from leadrelay.ports.crm import (
    OWNER,
    FieldWrite,
    Marked,
    Meter,
    Moved,
    Ok,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    RetryLater,
    SetMembership,
    Skipped,
    Snapshot,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.crm_setup import CrmOwner

STAGE_ORDER = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist")


class MemoryCrm:
    """Implements `ports.crm.Crm`.

    `order` is the forward order of every `forward_only` field. `owners` are who may own records; None lets anybody.
    `people`, `tasks` and `notes` are by CRM id; `written` is every operation carried out, in order, `calls` the
    requests they took. `meter` is asked before each request.
    """

    def __init__(
        self,
        order: Sequence[str] = STAGE_ORDER,
        owners: Sequence[CrmOwner] | None = None,
        meter: Meter = lambda: 0.0,
    ) -> None:
        self.calls = 0
        self.meter = meter
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
        self.calls += 1
        return [self._snapshot(self._find(key)) for key in keys]

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry the operations out in order, neighbours of one kind in one request."""
        results: list[WriteResult] = []
        for group in groups(ops):
            wait = self._called(requests(group))
            if wait > 0:
                return results + [RetryLater(op.op_id, wait, "budget") for op in ops[len(results) :]]
            results += [self._write(op) for op in group]
        return results

    def _called(self, number: int) -> float:
        """0 once so many requests may go out; else how long to wait (seconds)."""
        for _ in range(number):
            wait = self.meter()
            if wait > 0:
                return wait
            self.calls += 1
        return 0.0

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """Tasks and notes on the record that these operations wrote."""
        self.calls += 1
        crm_id, wanted = self._final(crm_id), set(op_ids)
        tasks = [Marked(op.op_id, id_, "task") for id_, op in self.tasks.items() if self._on(op, crm_id, wanted)]
        notes = [Marked(op.op_id, id_, "note") for id_, op in self.notes.items() if self._on(op, crm_id, wanted)]
        return tasks + notes

    def edit(self, crm_id: str, **fields: str) -> None:
        """A person types into the record; an empty text clears."""
        for name, value in fields.items():
            self.people[crm_id].put(name, value)

    def enter(self, **fields: str) -> str:
        """A person makes a record by hand; its id."""
        person = self._create()
        self.edit(person.crm_id, **fields)
        return person.crm_id

    def give(self, crm_id: str, owner_id: str | None) -> None:
        """A person makes somebody else the owner."""
        self.people[crm_id].owner_id = owner_id

    def delete(self, crm_id: str) -> None:
        """A person deletes the record."""
        del self.people[crm_id]

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
        if isinstance(op, SetMembership):
            return self._set_membership(op)
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
        if person is None and not op.create:
            return Skipped(op.op_id, "not there")
        created = person is None
        person = person or self._create()
        person.lead_key = op.key.lead_key
        refused = tuple(filter(None, (self._set_field(person, write, op.op_id) for write in op.fields)))
        applied = {write.name: person.shows(write.name) for write in op.fields}
        return Ok(op.op_id, person.crm_id, created, applied, refused)

    def _set_membership(self, op: SetMembership) -> WriteResult:
        lists = self.people[op.crm_id].lists
        if op.member:
            lists.add(op.list_id)
        else:
            lists.discard(op.list_id)
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
            lambda person: bool(key.email) and person.mail == fold(key.email) and person.is_free_for(key)
        ) or (None if key.fresh else self._one(lambda person: person.lead_key == key.lead_key))

    def _twin(self, fields: Sequence[FieldWrite], person: Person | None) -> Person | None:
        """Another record that already has the address we are about to write."""
        email = next((fold(text(write.value)) for write in fields if write.name == "email"), "")
        return self._one(lambda other: bool(email) and other.mail == email and other is not person)

    def _set_field(self, person: Person, write: FieldWrite, op_id: str) -> Rejected | None:
        """Why it was left out, or None."""
        value = "" if write.policy == "clear" else text(write.value)
        if not person.takes(write, self._order):
            return None
        if write.name == OWNER and value and not self._may_own(value):
            return Rejected(op_id, "OWNER_INACTIVE", f"{value} cannot own records", OWNER)
        person.put(write.name, value)
        return None

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
