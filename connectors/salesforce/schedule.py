"""Which operations travel together, so that few calls carry many leads, and each record still sees its operations in
the order in which they were asked for.

An operation joins a call of its kind that leaves after everything earlier about the same record. So a hundred leads'
people, tasks, notes and campaigns make three calls, handed over lead by lead or kind by kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.salesforce.rows import LARGEST
from leadrelay.ports.crm import PutNote, PutTask, SetMembership, UpsertPerson, WriteOp

SHORT_ID = 15
"""An id's first characters tell it from all others, whichever of its two forms is used."""


@dataclass(slots=True)
class Group:
    """The places of operations of one kind; `records` are the names of all that they are about, `single` the names
    that one collection must not hold twice."""

    kind: str
    places: list[int] = field(default_factory=list)
    records: set[str] = field(default_factory=set)
    single: set[str] = field(default_factory=set)

    def takes(self, op: WriteOp) -> bool:
        """Whether there is room for an operation."""
        return self.kind == kind_of(op) and len(self.places) < LARGEST and self.single.isdisjoint(single(op))


def grouped(ops: Sequence[WriteOp]) -> list[list[int]]:
    """The places of the operations, in groups to be carried out one after the other."""
    groups: list[Group] = []
    for place, op in enumerate(ops):
        earliest = _earliest(groups, op)
        group = next((one for one in groups[earliest:] if one.takes(op)), None)
        if group is None:
            group = Group(kind_of(op))
            groups.append(group)
        group.places.append(place)
        group.records |= records(op)
        group.single |= single(op)
    return [group.places for group in groups]


def _earliest(groups: Sequence[Group], op: WriteOp) -> int:
    """The number of the first group that may take it: the last that is about its record, or the one after."""
    for number, group in reversed(list(enumerate(groups))):
        if not group.records.isdisjoint(records(op)):
            return number if group.takes(op) else number + 1
    return 0


def kind_of(op: WriteOp) -> str:
    """Tasks and notes are records of one kind."""
    return "activity" if isinstance(op, (PutTask, PutNote)) else type(op).__name__


def records(op: WriteOp) -> set[str]:
    """Every name of the record that an operation is about."""
    return single(op) if isinstance(op, UpsertPerson) else single(op) | {f"id {op.crm_id[:SHORT_ID]}"}


def single(op: WriteOp) -> set[str]:
    """What must not stand in one collection twice."""
    names = {f"op {op.op_id}"}
    match op:
        case UpsertPerson(key=key):
            email = (key.email or "").strip().lower()
            given = {f"key {key.lead_key}", f"id {(key.crm_id or '')[:SHORT_ID]}", f"mail {email}"}
            return names | (given - {"id ", "mail "})
        case PutTask(task_id=str(task_id)):
            return names | {f"task {task_id[:SHORT_ID]}"}
        case SetMembership():
            return names | {f"member {op.list_id[:SHORT_ID]} {op.crm_id[:SHORT_ID]}"}
    return names
