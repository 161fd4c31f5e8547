"""HubSpot's side of the field map: its property names, and how it writes values down.

On HubSpot's wire every value is a string and the empty string clears. Times are ISO 8601 in UTC with milliseconds, or
milliseconds since 1970, whichever HubSpot likes.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.kit.crm_fields import Field, FieldMap, FieldProblem, Wire, field_map, plain
from leadrelay.ports.crm import OWNER

KEY = "lead_key"
EMAIL = "email"
STAGE = "lifecycle_stage"
OWNER_PROPERTY = "hubspot_owner_id"
MERGED_PROPERTY = "hs_merged_object_ids"
OTHER_EMAILS_PROPERTY = "hs_additional_emails"

__all__ = [
    "EMAIL",
    "KEY",
    "OWNER",
    "OWNER_PROPERTY",
    "STAGE",
    "HubSpotCodec",
    "default_map",
    "description",
    "wire_time",
]


class HubSpotCodec:
    """See `connectors.kit.crm_fields.Codec`."""

    empty: Wire = ""

    def encode(self, known: Field, value: str | int | bool | datetime) -> Wire:
        """Text of any value. Raises FieldProblem for a time without a zone."""
        if not isinstance(value, datetime):
            return plain(value)
        if value.tzinfo is None:
            raise FieldProblem(known.word, "a time needs a time zone")
        return wire_time(value)

    def decode(self, known: Field, wire: Wire) -> str:
        """Times and numbers in one form; other text as it is."""
        text = plain(wire) if not isinstance(wire, float) else str(wire)
        if known.type == "datetime":
            return _same_time(text)
        return _same_number(text) if known.type == "number" else text


def asked_for(fields: FieldMap) -> list[str]:
    """Every property to ask for when a contact is read."""
    return sorted({*fields.names(), MERGED_PROPERTY, OTHER_EMAILS_PROPERTY})


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
    return field_map("HubSpot", description()["crm"]["fields"], HubSpotCodec())
