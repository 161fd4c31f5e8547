"""Where a source's history was read to, and what it lists of each day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from pydantic import Field

from leadrelay.domain.model import Instant
from leadrelay.domain.sources.tally import Tally, Unheard
from leadrelay.ports.store import ASKED_AT_MOST, Due, Key, Listing, Record


def cursor_key(source: str) -> Key[CursorRecord]:
    """Where a source's cursor is."""
    return Key(f"POLL#{source}", "CURSOR", CursorRecord)


def day_key(source: str, day: str) -> Key[DayRecord]:
    """Where it is counted what a source lists of a day (ISO)."""
    return Key(f"SOURCE#{source}", f"DAY#{day}", DayRecord)


class CursorRecord(Record):
    """How far a source has been read: `cursor` is the vendor's own, None where nothing was read yet. `asked` counts the
    questions since the last answer; `due_at` None is for who reads once and is done (an import).

    `begun_at` (UTC) is since when deliveries are expected as well, `unheard` what came without one so far, `told_on`
    the day (ISO) on which RevOps last heard of a gap. `check_from` is the day that is listed anew next, None between
    two checks; `checked_on` the day on which the last check began."""

    kind: ClassVar[str] = "cursor"
    source: str
    cursor: str | None = None
    due_at: Instant | None
    asked: int = 0
    begun_at: Instant | None = None
    unheard: tuple[Unheard, ...] = ()
    told_on: str | None = None
    check_from: str | None = None
    checked_on: str | None = None

    def key(self) -> Key[CursorRecord]:
        """By the source's name."""
        return cursor_key(self.source)

    def due(self) -> Due | None:
        """When it is asked next."""
        return None if self.due_at is None else Due("poll", self.due_at)

    def listing(self) -> Listing | None:
        """A source that has not answered for long waits for a person; it is still asked."""
        stuck = self.asked > ASKED_AT_MOST and self.due_at is not None
        return Listing(f"PARKED#unread_{self.source}", self.due_at) if stuck and self.due_at is not None else None


class DayRecord(Record):
    """What a source lists of one day (UTC, ISO), by form, against what it delivered. `checked_at` is when the whole day
    was last listed anew. Marks of touches only: nothing personal."""

    kind: ClassVar[str] = "source_day"
    KEPT: ClassVar[timedelta] = timedelta(days=100)
    source: str
    day: str
    forms: dict[str, Tally] = Field(default_factory=dict)
    checked_at: Instant | None = None

    def key(self) -> Key[DayRecord]:
        """Beside the source's other days."""
        return day_key(self.source, self.day)

    def expires_at(self) -> datetime | None:
        """When no report asks for it any more."""
        return datetime.combine(date.fromisoformat(self.day), time(), UTC) + self.KEPT
