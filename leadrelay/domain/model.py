"""The base of every value that is stored, queued or compared: frozen, closed to unknown keys, UTC only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict

_CODE = re.compile(r"[^A-Za-z0-9_.:/ +-]")
_AT = re.compile(r"@|%(?:25)*40")
_CODE_LENGTH = 96


class Model(BaseModel):
    """Frozen and closed; `with_` gives a changed copy."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="float")

    def with_(self, **changes: object) -> Self:
        """A copy with these fields changed. Values are trusted: they come from our own code."""
        return self.model_copy(update=changes)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone; give it one where it enters")
    return at.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_utc)]
"""An aware time, kept in UTC."""


def code(text: str | None) -> str | None:
    """A short code that may travel on the bus and in reports: campaign, form, event.

    Text from outside could carry anything, an e-mail address for instance; what does not look like a code is
    replaced by "_", an "@" (also as an address of a page spells it) drops the value, and it is cut at 96 characters.
    """
    if text is None or _AT.search(text):
        return None
    return _CODE.sub("_", text.strip())[:_CODE_LENGTH] or None
