"""A clock that moves when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta


class MemoryClock:
    """Implements `ports.clock.Clock`. Starts at `at`, an aware time."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self.set(at)

    def now(self) -> datetime:
        """The time it was set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Jump to an aware time, forward or back."""
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        self._at = at

    def advance(self, by: timedelta) -> datetime:
        """Move and return the new time."""
        self._at += by
        return self._at
