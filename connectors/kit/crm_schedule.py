"""Which operations travel together: as few requests as possible, and every record's operations in their order.

Operations on different records do not mind which comes first. So each one joins the earliest group of its kind that
comes after everything said about the same record, and a hundred leads' people, tasks and notes make a handful of
groups, handed over lead by lead or kind by kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from connectors.kit.crm_trouble import blocking, held_back
from leadrelay.ports.crm import PutTask, RetryLater, SetMembership, UpsertPerson, WriteOp, WriteResult


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a CRM takes in one request: at most `most` operations of one `kind`. The first `telling` characters of an id
    tell it from all others, None where it takes all of them."""

    most: int
    kind: Callable[[WriteOp], Hashable]
    telling: int | None = None

    def carried_out(
        self, ops: Sequence[WriteOp], carry_out: Callable[[list[WriteOp]], Sequence[WriteResult]]
    ) -> list[WriteResult]:
        """The results in the order of the operations. Once the account as a whole is blocked or silent, the rest is not
        sent at all: each would only cost another error or another timeout."""
        results: dict[int, WriteResult] = {}
        blocked: RetryLater | None = None
        for places in self.grouped(ops):
            group = [ops[place] for place in places]
            told = held_back(group, blocked) if blocked else carry_out(group)
            blocked = blocked or next(filter(None, map(blocking, told)), None)
            results |= zip(places, told, strict=True)
        return [results[place] for place in range(len(ops))]

    def grouped(self, ops: Sequence[WriteOp]) -> list[list[int]]:
        """The places of the operations, in groups to be carried out one after the other."""
        groups: list[_Group] = []
        for place, op in enumerate(ops):
            group = next((one for one in groups[self._earliest(groups, op) :] if self._takes(one, op)), None)
            if group is None:
                group = _Group(self.kind(op))
                groups.append(group)
            group.places.append(place)
            group.about |= self.about(op)
            group.once |= self.once(op)
        return [group.places for group in groups]

    def about(self, op: WriteOp) -> set[str]:
        """Everything that could name the record an operation is about."""
        return self.once(op) if isinstance(op, UpsertPerson) else self.once(op) | {f"id {op.crm_id[: self.telling]}"}

    def once(self, op: WriteOp) -> set[str]:
        """What must not stand twice in one request."""
        named: set[str] = set()
        match op:
            case UpsertPerson(key=key):
                email, crm_id = (key.email or "").strip().lower(), (key.crm_id or "")[: self.telling]
                named = {f"key {key.lead_key}", f"id {crm_id}", f"mail {email}"} - {"id ", "mail "}
            case SetMembership():
                named = {f"list {op.list_id[: self.telling]} {op.crm_id[: self.telling]}"}
            case PutTask(task_id=str(task_id)) if task_id:
                named = {f"task {task_id[: self.telling]}"}
        return {f"op {op.op_id}"} | named

    def _earliest(self, groups: Sequence[_Group], op: WriteOp) -> int:
        """The first group this operation may join: the last one that is about its record."""
        about = self.about(op)
        return next((number for number in reversed(range(len(groups))) if groups[number].about & about), 0)

    def _takes(self, group: _Group, op: WriteOp) -> bool:
        return group.kind == self.kind(op) and len(group.places) < self.most and not group.once & self.once(op)


@dataclass(slots=True)
class _Group:
    """Operations of one kind. `about` names every record they touch, `once` what may stand in it only once."""

    kind: Hashable
    places: list[int] = field(default_factory=list)
    about: set[str] = field(default_factory=set)
    once: set[str] = field(default_factory=set)
