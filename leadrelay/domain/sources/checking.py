"""When the last days of a source are listed anew: once a day, one day at a time, the oldest first.

A sweep behind a cursor sees what was new when it passed. What appeared in the list later, or left it since, only a
second look at the whole day shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Check:
    """`of` is the day that is listed next, `on` the day on which the check began (both UTC)."""

    of: date
    on: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The day's first moment, and the next day's."""
        start = datetime.combine(self.of, time(), UTC)
        return start, start + timedelta(days=1)

    def following(self) -> Check | None:
        """The next day; None when that is the day on which the check began: it is not over yet."""
        after = self.of + timedelta(days=1)
        return None if after >= self.on else Check(after, self.on)


def due(days: int | None, of: date | None, on: date | None, today: date) -> Check | None:
    """The check that goes on (`of`, `on`), or the one that begins today; None when there is nothing to look at."""
    if days is None:
        return None
    if of is not None and on is not None:
        return Check(of, on)
    return None if on == today else Check(today - timedelta(days=days), today)
