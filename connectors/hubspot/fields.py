"""Our words and HubSpot's properties: what is sent, what is kept back, and what an answer means.

On HubSpot's wire every value is a string and the empty string clears. The map itself is data (`connector.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from leadrelay.ports.crm import FieldWrite

KEY = "lead_key"
EMAIL = "email"
STAGE = "lifecycle_stage"
OWNER_PROPERTY = "hubspot_owner_id"
MERGED_PROPERTY = "hs_merged_object_ids"
OTHER_EMAILS_PROPERTY = "hs_additional_emails"


class FieldProblem(ValueError):
    """A value that cannot be written; `word` names the field in our words."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(f"{word}: {why}")
        self.word = word


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the map. `label` marks a property of ours, `order` one that only moves forward, `values` a list."""

    word: str
    property: str
    type: str = "string"
    field_type: str = "text"
    label: str = ""
    description: str = ""
    unique: bool = False
    order: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def encode(self, value: str | int | bool | datetime | None) -> str | None:
        """The wire form of a value; "" clears, None means that HubSpot has no such value and the field is left alone.

        Raises FieldProblem for a value outside the map's list and for a time without a zone.
        """
        if isinstance(value, datetime):
            return self._time(value)
        text = _plain(value)
        if not self.values or not text:
            return text
        if text in self.leave:
            return None
        if text not in self.values:
            raise FieldProblem(self.word, f"no HubSpot value for {text!r}; add it to the field map")
        return self.values[text]

    def decode(self, wire: str) -> str:
        """Our form of what HubSpot shows; an unknown list value comes back as it is."""
        if not wire:
            return ""
        if self.type == "datetime":
            return _same_time(wire)
        if self.type == "number":
            return _same_number(wire)
        return next((ours for ours, theirs in self.values.items() if theirs == wire), wire)

    def rank(self, wire: str) -> int | None:
        """The place in the order, None for a value that is not in it."""
        return self.order.index(wire) if wire in self.order else None

    def _time(self, value: datetime) -> str:
        if value.tzinfo is None:
            raise FieldProblem(self.word, "a time needs a time zone")
        return wire_time(value)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The whole map, by our word."""

    fields: Mapping[str, Field]

    def of(self, word: str) -> Field:
        """The field for our word. Raises FieldProblem where the map has none."""
        try:
            return self.fields[word]
        except KeyError:
            raise FieldProblem(word, "not in the HubSpot field map") from None

    def word(self, prop: str) -> str:
        """Our word for a property, or the property's own name."""
        return next((known.word for known in self.fields.values() if known.property == prop), prop)

    def properties(self) -> list[str]:
        """Every property to ask for when a contact is read."""
        known = {known.property for known in self.fields.values()}
        return sorted(known | {OWNER_PROPERTY, MERGED_PROPERTY, OTHER_EMAILS_PROPERTY})

    def wanted(self, writes: Iterable[FieldWrite], current: Mapping[str, str]) -> dict[str, str]:
        """The properties to send, given what the contact shows now (empty for a new one). Raises FieldProblem."""
        wanted: dict[str, str] = {}
        for write in writes:
            known = self.of(write.name)
            wire = "" if write.policy == "clear" else known.encode(write.value)
            if wire is not None and _may_write(known, write, wire, current.get(known.property) or ""):
                wanted[known.property] = wire
        return wanted

    def shown(self, properties: Mapping[str, str]) -> dict[str, str]:
        """Non-empty properties in our words."""
        pairs = ((known, properties.get(known.property)) for known in self.fields.values())
        return {known.word: known.decode(value) for known, value in pairs if value}

    def applied(self, writes: Iterable[FieldWrite], properties: Mapping[str, str]) -> dict[str, str]:
        """What the contact shows for the fields that were written; our own value where HubSpot shows its equivalent."""
        shown: dict[str, str] = {}
        for write in writes:
            known = self.of(write.name)
            shown[write.name] = _shown_as(known, write, properties.get(known.property) or "")
        return shown

    def replaced(self, properties: Mapping[str, str]) -> FieldMap:
        """The same map with some words living in other properties, as an account's own rules ask."""
        changed = {word: _moved(self.of(word), prop) for word, prop in properties.items()}
        return FieldMap({**self.fields, **changed})


def _may_write(known: Field, write: FieldWrite, wire: str, now: str) -> bool:
    if write.policy == "fill_if_empty":
        return not now and bool(wire)
    if write.policy == "forward_only":
        if not known.order:
            raise FieldProblem(write.name, "has no order to move forward in")
        return bool(wire) and _is_ahead(known, wire, now)
    return known.decode(wire) != known.decode(now)


def _is_ahead(known: Field, wire: str, now: str) -> bool:
    """A stage the account made for itself has no place in our order: a person put it there, so it stays."""
    if not now:
        return True
    here, there = known.rank(now), known.rank(wire)
    return here is not None and there is not None and there > here


def _shown_as(known: Field, write: FieldWrite, wire: str) -> str:
    if known.values and wire and write.policy != "clear" and known.encode(write.value) == wire:
        return _plain(write.value)
    return known.decode(wire) if wire else ""


def _moved(known: Field, prop: str) -> Field:
    return Field(known.word, prop, known.type, known.field_type, values=known.values, order=known.order)


def _plain(value: str | int | bool | datetime | None) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def wire_time(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as HubSpot writes times."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _same_time(wire: str) -> str:
    """HubSpot drops `.000` and answers milliseconds since 1970 in places: one form for comparing."""
    try:
        if wire.lstrip("-").isdigit():
            return wire_time(datetime.fromtimestamp(int(wire) / 1000, UTC))
        at = datetime.fromisoformat(wire)
    except (ValueError, OverflowError, OSError):
        return wire
    return wire_time(at if at.tzinfo else at.replace(tzinfo=UTC))


def _same_number(wire: str) -> str:
    try:
        number = float(wire)
    except ValueError:
        return wire
    return str(int(number)) if number.is_integer() else wire


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole of `connector.toml`."""
    return tomllib.loads(Path(__file__).with_name("connector.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def default_map() -> FieldMap:
    """The field map of `connector.toml`."""
    entries: dict[str, dict[str, Any]] = description()["crm"]["fields"]
    return FieldMap({word: _declared(word, entry) for word, entry in entries.items()})


def _declared(word: str, entry: dict[str, Any]) -> Field:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Field(word, **given)
