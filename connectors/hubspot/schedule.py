"""Which operations travel together: as few requests as possible, and every record's operations in their order.

Operations on different records do not mind which comes first. So each one joins the earliest group of its kind that
comes after everything said about the same record, and a hundred leads' people, tasks and notes make three groups, in
whatever order they were handed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.hubspot.batches import LARGEST
from leadrelay.ports.crm import PutTask, SetMembership, UpsertPerson, WriteOp


@dataclass(slots=True)
class Group:
    """Operations of one kind. `about` names every record they touch, `once` what may stand in one request only once
    (HubSpot refuses a batch that names a record twice)."""

    kind: type[WriteOp]
    places: list[int] = field(default_factory=list)
    about: set[str] = field(default_factory=set)
    once: set[str] = field(default_factory=set)

    def takes(self, op: WriteOp) -> bool:
        """Whether an operation may join."""
        return isinstance(op, self.kind) and len(self.places) < LARGEST and not self.once & once(op)


def grouped(ops: Sequence[WriteOp]) -> list[list[int]]:
    """The places of the operations, in groups to be carried out one after the other."""
    groups: list[Group] = []
    for place, op in enumerate(ops):
        group = next((group for group in groups[_first(groups, op) :] if group.takes(op)), None)
        if group is None:
            group = Group(type(op))
            groups.append(group)
        group.places.append(place)
        group.about |= about(op)
        group.once |= once(op)
    return [group.places for group in groups]


def _first(groups: Sequence[Group], op: WriteOp) -> int:
    """The first group this operation may join: that of its own kind which last spoke about its records, else the one
    after the last that did."""
    for number in range(len(groups) - 1, -1, -1):
        if groups[number].about & about(op):
            return number if groups[number].takes(op) else number + 1
    return 0


def about(op: WriteOp) -> set[str]:
    """Everything that could name the record an operation is about."""
    if isinstance(op, UpsertPerson):
        return once(op)
    return once(op) | {f"id {op.crm_id}"}


def once(op: WriteOp) -> set[str]:
    """What must not stand twice in one request."""
    if isinstance(op, UpsertPerson):
        email = (op.key.email or "").strip().lower()
        named = {f"key {op.key.lead_key}", f"id {op.key.crm_id or ''}", f"mail {email}"} - {"id ", "mail "}
    elif isinstance(op, SetMembership):
        named = {f"list {op.list_id} {op.crm_id}"}
    else:
        named = {f"task {op.task_id}"} if isinstance(op, PutTask) and op.task_id else set()
    return {f"op {op.op_id}"} | named
