"""Our words and a CRM's fields: what is sent, what is kept back, and what an answer means.

Every CRM needs the same decisions: who may change a field, which stage lies ahead, which list values it has. The map
itself is data (`[crm.fields]` of the vendor's `connector.toml`); how a value looks on the wire is the vendor's `Codec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Protocol

from leadrelay.ports.crm import FieldWrite

Value = str | int | bool | datetime | None
Wire = str | int | float | bool | None
"""A value as it travels: HubSpot's are all text, Salesforce's are JSON."""

BLIND = frozenset({"own", "clear"})
"""Policies that can be followed without knowing what the record shows."""


class FieldProblem(ValueError):
    """A value that cannot be written; `word` names the field in our words. Says nothing of the value itself."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(f"{word}: {why}")
        self.word = word


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the map. `name` is the CRM's, `label` marks a field of ours that the set-up creates, `order` one
    that moves forward only, `values` a list (ours to theirs), `leave` our values that leave the field as it is;
    `shape` is what only the set-up needs, in the vendor's own terms."""

    word: str
    name: str
    type: str = "string"
    label: str = ""
    description: str = ""
    unique: bool = False
    order: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    shape: Mapping[str, Any] = field(default_factory=dict)

    def rank(self, wire: Wire) -> int | None:
        """The place in the order, None for a value that is not in it."""
        return self.order.index(str(wire)) if wire in self.order else None


class Codec(Protocol):
    """How one CRM writes values down."""

    @property
    def empty(self) -> Wire:
        """What clears a field."""
        ...

    def encode(self, known: Field, value: str | int | bool | datetime) -> Wire:
        """The wire form of a value that is there. Raises FieldProblem for one that has none."""
        ...

    def decode(self, known: Field, wire: Wire) -> str:
        """One form for all ways in which the CRM may show the same value."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to send, by the CRM's names, and which fields cannot be sent at all."""

    values: dict[str, Wire]
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The whole map of one CRM, by our word."""

    vendor: str
    fields: Mapping[str, Field]
    codec: Codec

    def of(self, word: str) -> Field:
        """The field for our word. Raises FieldProblem where the map has none."""
        try:
            return self.fields[word]
        except KeyError:
            raise FieldProblem(word, f"not in the {self.vendor} field map") from None

    def word(self, name: str) -> str:
        """Our word for a field of the CRM, or the field's own name."""
        return next((known.word for known in self.fields.values() if known.name == name), name)

    def names(self) -> list[str]:
        """Every field of the CRM that the map knows, sorted."""
        return sorted({known.name for known in self.fields.values()})

    def wanted(self, writes: Iterable[FieldWrite], current: Mapping[str, Wire] | None) -> Wanted:
        """What to send, given what the record shows now: empty for a new one, None where nobody looked (then `own` and
        `clear` are sent as they are, and no other policy may be asked for). Of two writes to one field the later one
        builds on the earlier."""
        values: dict[str, Wire] = {}
        problems: list[FieldProblem] = []
        for write in writes:
            try:
                self._want(write, current, values)
            except FieldProblem as problem:
                problems.append(problem)
        return Wanted(values, tuple(problems))

    def encode(self, known: Field, value: Value) -> Wire:
        """The wire form of a value. Raises FieldProblem for one outside the field's list."""
        if value is None or value == "":
            return self.codec.empty
        if not known.values:
            return self.codec.encode(known, value)
        if str(value) not in known.values:
            raise FieldProblem(known.word, f"no {self.vendor} value for it; add it to the field map")
        return known.values[str(value)]

    def decode(self, known: Field, wire: Wire) -> str:
        """Our form of what the CRM shows, "" for nothing; an unknown list value comes back as it is."""
        if wire is None or wire == "":
            return ""
        listed = next((ours for ours, theirs in known.values.items() if theirs == wire), None)
        return listed if listed is not None else self.codec.decode(known, wire)

    def shown(self, record: Mapping[str, Wire]) -> dict[str, str]:
        """What the record shows, in our words; empty fields are left out."""
        pairs = ((known.word, self.decode(known, record.get(known.name))) for known in self.fields.values())
        return {word: text for word, text in pairs if text}

    def applied(
        self, writes: Iterable[FieldWrite], record: Mapping[str, Wire], *, looked: bool = True
    ) -> dict[str, str]:
        """What the record shows for the fields that were written; our own value where the CRM shows its equivalent.
        With `looked` false a field that the record does not mention is taken to be as it was sent."""
        there = ((write, self.fields[write.name]) for write in writes if write.name in self.fields)
        return {write.name: self._shown_as(known, write, record, looked=looked) for write, known in there}

    def replaced(self, names: Mapping[str, str]) -> FieldMap:
        """The same map with some words living in other fields, as an account's own rules ask; those are no longer
        ours to create."""
        moved = {word: replace(self.of(word), name=name, label="") for word, name in names.items()}
        return replace(self, fields={**self.fields, **moved})

    def _want(self, write: FieldWrite, current: Mapping[str, Wire] | None, values: dict[str, Wire]) -> None:
        known = self.of(write.name)
        if write.policy != "clear" and str(write.value) in known.leave:
            return
        wire = self.codec.empty if write.policy == "clear" else self.encode(known, write.value)
        looked = current is not None or known.name in values
        now = values.get(known.name, (current or {}).get(known.name))
        if not looked and write.policy not in BLIND:
            raise LookupError(f"{write.name}: the record must be read before {write.policy!r} can be followed")
        if not looked or self._may_write(known, write, wire, now):
            values[known.name] = wire

    def _may_write(self, known: Field, write: FieldWrite, wire: Wire, now: Wire) -> bool:
        ours, theirs = self.decode(known, wire), self.decode(known, now)
        if write.policy == "fill_if_empty":
            return bool(ours) and not theirs
        if write.policy == "guarded" and theirs not in ("", write.was):
            return False
        if write.policy == "forward_only":
            return bool(ours) and _is_ahead(known, wire, now)
        return ours != theirs

    def _shown_as(self, known: Field, write: FieldWrite, record: Mapping[str, Wire], *, looked: bool) -> str:
        if known.name not in record and not looked:
            return "" if write.policy == "clear" else plain(write.value)
        wire = record.get(known.name)
        if wire and write.policy != "clear" and known.values.get(str(write.value)) == wire:
            return plain(write.value)
        return self.decode(known, wire)


def needs_look(writes: Iterable[FieldWrite]) -> bool:
    """Whether the record must be read before these fields can be written."""
    return any(write.policy not in BLIND for write in writes)


def field_map(vendor: str, entries: Mapping[str, Mapping[str, Any]], codec: Codec) -> FieldMap:
    """The map of a `connector.toml`; keys that `Field` does not know are its `shape`."""
    return FieldMap(vendor, {word: _declared(word, entry) for word, entry in entries.items()}, codec)


def plain(value: Value) -> str:
    """A value as text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_ahead(known: Field, wire: Wire, now: Wire) -> bool:
    """A stage the account made for itself has no place in our order: a person put it there, so it stays."""
    if not known.order:
        raise FieldProblem(known.word, "has no order to move forward in")
    if not now:
        return True
    here, there = known.rank(now), known.rank(wire)
    return here is not None and there is not None and there > here


def _declared(word: str, entry: Mapping[str, Any]) -> Field:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    own: dict[str, Any] = {key: value for key, value in given.items() if key in _FIELD_KEYS}
    return Field(word, **own, shape={key: value for key, value in given.items() if key not in _FIELD_KEYS})


_FIELD_KEYS = frozenset(known.name for known in fields(Field)) - {"word", "shape"}
