"""A running clock: when it warns, when it breaches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadrelay.domain.model import Instant, Model

ClockKind = Literal["assignment", "first_contact", "next_step", "backlog"]


class Clock(Model):
    """All times UTC, computed once at the start in the business time of `calendar`.

    `hop` ties an owner clock to one assignment. `warn_at` is None where nobody is warned, or once they were. It is over
    `grace_seconds` (elapsed) after `due_at`: until then it is in time.
    """

    kind: ClockKind
    hop: int
    policy: str
    calendar: str
    started_at: Instant
    due_at: Instant
    warn_at: Instant | None = None
    grace_seconds: int = 0

    @property
    def over_at(self) -> datetime:
        """When it is too late."""
        return self.due_at + timedelta(seconds=self.grace_seconds)

    @property
    def next_at(self) -> datetime:
        """The next instant at which something happens."""
        return self.over_at if self.warn_at is None else min(self.warn_at, self.over_at)
