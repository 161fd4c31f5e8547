"""Where a source's history was read to."""

from __future__ import annotations

from typing import ClassVar

from leadrelay.domain.model import Instant
from leadrelay.ports.store import ASKED_AT_MOST, Due, Key, Listing, Record


def cursor_key(source: str) -> Key[CursorRecord]:
    """Where a source's cursor is."""
    return Key(f"POLL#{source}", "CURSOR", CursorRecord)


class CursorRecord(Record):
    """How far a source has been read: `cursor` is the vendor's own, None where nothing was read yet. `asked` counts the
    questions since the last answer; `due_at` None is for who reads once and is done (an import)."""

    kind: ClassVar[str] = "cursor"
    source: str
    cursor: str | None = None
    due_at: Instant | None
    asked: int = 0

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
