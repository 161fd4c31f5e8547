"""A contact of the CRM in memory: how each policy treats what is there, and the requests that writing it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from leadrelay.ports.crm import OWNER, FieldWrite, RecordKey, UpsertPerson, WriteOp

BATCH = 100
"""Records in one request."""


@dataclass(slots=True)
class Person:
    """One contact. `fields` are in our words; an empty field is absent. `lists` are those they are on."""

    crm_id: str
    lead_key: str | None = None
    owner_id: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)

    def shows(self, name: str) -> str:
        """A field as the CRM answers it."""
        return self.owner_id or "" if name == OWNER else self.fields.get(name, "")

    def put(self, name: str, value: str) -> None:
        """An empty text clears."""
        if name == OWNER:
            self.owner_id = value or None
        elif value:
            self.fields[name] = value
        else:
            self.fields.pop(name, None)

    def takes(self, write: FieldWrite, order: Sequence[str]) -> bool:
        """Whether the field's policy lets it be written over what is there; `order` is that of `forward_only`."""
        now, new = self.shows(write.name), text(write.value)
        match write.policy:
            case "fill_if_empty":
                return not now
            case "guarded":
                return now in ("", write.was, new)
            case "forward_only":
                return _ahead(now, new, order)
        return True

    @property
    def mail(self) -> str:
        """The address, for comparing."""
        return fold(self.fields.get("email"))

    def is_free_for(self, key: RecordKey) -> bool:
        """Whether no other lead has claimed it."""
        return self.lead_key in (None, key.lead_key)


def _ahead(now: str, new: str, order: Sequence[str]) -> bool:
    """What is outside the order never moves a value that is in it."""
    rank = {value: place for place, value in enumerate(order)}
    return rank.get(new, -1) > rank.get(now, -1)


def groups(ops: Sequence[WriteOp]) -> Iterator[Sequence[WriteOp]]:
    """Neighbours of one kind, as many as a request takes."""
    group: list[WriteOp] = []
    for op in ops:
        if group and (type(op) is not type(group[0]) or len(group) == BATCH):
            yield group
            group = []
        group.append(op)
    if group:
        yield group


def requests(group: Sequence[WriteOp]) -> int:
    """One to write; one more to look first, where somebody's record may be there or a field's policy asks for it."""
    return 2 if any(isinstance(op, UpsertPerson) and _looks(op) for op in group) else 1


def _looks(op: UpsertPerson) -> bool:
    may_be_there = op.key.crm_id is None and (not op.key.fresh or op.key.email is not None)
    return may_be_there or any(write.policy not in ("own", "clear") for write in op.fields if op.key.crm_id)


def fold(email: str | None) -> str:
    """An address, for comparing."""
    return (email or "").strip().casefold()


def text(value: str | int | bool | datetime | None) -> str:
    """As a CRM answers it: everything is text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
