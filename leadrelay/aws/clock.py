"""The machine's clock: the one place where an AWS function learns the time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.clock.Clock`."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)
