"""Salesforce's side of the field map: its field names on leads and on contacts, and how it writes values down.

On Salesforce's wire values are JSON and null clears. Times are kept to the second and shown with an offset of `+0000`.
A field of ours that is too short for a text gets the beginning of it; a native field refuses it, which is told.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from connectors.kit.crm_fields import Field, FieldMap, FieldProblem, Wire, field_map, plain
from leadrelay.ports.crm import OWNER

Kind = Literal["Lead", "Contact"]
KINDS: tuple[Kind, ...] = ("Lead", "Contact")
KEY, EMAIL = "lead_key", "email"
COMPANY, LAST_NAME = "company", "last_name"
TIME, NUMBER = "DateTime", "Number"

__all__ = ["COMPANY", "EMAIL", "KEY", "KINDS", "LAST_NAME", "OWNER", "Kind", "default_maps", "description", "wire_time"]


class SalesforceCodec:
    """See `connectors.kit.crm_fields.Codec`."""

    empty: Wire = None

    def encode(self, known: Field, value: str | int | bool | datetime) -> Wire:
        """JSON of any value. Raises FieldProblem for a time without a zone and for a number that is none."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise FieldProblem(known.word, "a time needs a time zone")
            return wire_time(value)
        if known.type == NUMBER:
            return _number(known, plain(value))
        return _fitting(known, plain(value).strip()) or None

    def decode(self, known: Field, wire: Wire) -> str:
        """Times and numbers in one form; other text as it is, without the blanks that Salesforce cuts off."""
        text = str(wire) if isinstance(wire, float) else plain(wire)
        if known.type == TIME:
            return _same_time(text)
        return _same_number(text) if known.type == NUMBER else text.strip()


def wire_time(value: datetime) -> str:
    """ISO 8601 in UTC, to the second, with the milliseconds that Salesforce shows."""
    return value.astimezone(UTC).replace(microsecond=0).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stand_in(text: str) -> str:
    """What stands in a field that Salesforce demands while we do not know it: in brackets, so that people see it is
    none of the lead's words, and so that we know it again."""
    return f"({text})"


def is_stand_in(text: str) -> bool:
    """Whether this is one of ours."""
    return text.startswith("(") and text.endswith(")")


def _fitting(known: Field, text: str) -> str:
    room = int(known.shape.get("length", 0)) if known.label and not known.unique else 0
    return text if not room or len(text) <= room else text[: room - 1].rstrip() + "…"


def _number(known: Field, text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise FieldProblem(known.word, "not a number")
    return number if int(known.shape.get("scale", 0)) else round(number)


def _same_time(wire: str) -> str:
    try:
        at = datetime.fromisoformat(wire)
    except ValueError:
        return wire
    return wire_time(at if at.tzinfo else at.replace(tzinfo=UTC))


def _same_number(wire: str) -> str:
    try:
        number = float(wire)
        return str(int(number)) if number.is_integer() else wire
    except (ValueError, OverflowError):
        return wire


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The whole of `connector.toml`."""
    return tomllib.loads(Path(__file__).with_name("connector.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def default_maps() -> Mapping[Kind, FieldMap]:
    """The field map of `connector.toml`, for each object: a contact lacks some fields, and has others elsewhere."""
    entries: dict[str, dict[str, Any]] = description()["crm"]["fields"]
    return {kind: field_map("Salesforce", _of(kind, entries), SalesforceCodec()) for kind in KINDS}


def moved_maps(names: Mapping[str, str]) -> Mapping[Kind, FieldMap]:
    """The same with some words living in other fields: `Their_Field__c` on both objects, or `State/MailingState` where
    a lead's has another name than a contact's. Raises FieldProblem for a word that is not in the map."""
    maps = default_maps()
    for word in names:
        maps["Lead"].of(word)
    return {kind: known.replaced(_names_for(kind, known, names)) for kind, known in maps.items()}


def _names_for(kind: Kind, known: FieldMap, names: Mapping[str, str]) -> dict[str, str]:
    parts = {word: [part.strip() for part in name.split("/")] for word, name in names.items() if word in known.fields}
    return {word: some[0 if kind == "Lead" else -1] for word, some in parts.items()}


def _of(kind: Kind, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The entries of one object; a name of "" leaves the field out."""
    named = {
        word: (entry["name"] if kind == "Lead" else entry.get("contact", entry["name"]))
        for word, entry in entries.items()
    }
    kept = {word: {key: value for key, value in entries[word].items() if key != "contact"} for word in entries}
    return {word: {**kept[word], "name": name} for word, name in named.items() if name}
