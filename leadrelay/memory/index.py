"""A sparse index in memory: rows by a name, earliest first, as the table's indexes keep them.

Rows are kept in order, so that asking for the first few of many costs the few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from datetime import datetime

Place = tuple[str, str]
Row = tuple[datetime, str, Place]
"""When, `pk|sk` (the order among those of one instant), and where."""


class TimeIndex:
    """Places by name and time (to the millisecond)."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def move(self, place: Place, before: tuple[str, datetime] | None, after: tuple[str, datetime] | None) -> None:
        """From a name and time to another; None is nowhere."""
        if before == after:
            return
        if before is not None:
            rows, row = self._rows[before[0]], _row(before[1], place)
            del rows[bisect_left(rows, row)]
        if after is not None:
            insort(self._rows.setdefault(after[0], []), _row(after[1], place))

    def first(
        self, name: str, limit: int, until: datetime | None = None, after: tuple[datetime, Place] | None = None
    ) -> list[tuple[datetime, Place]]:
        """At most `limit` places with their times, earliest first: none later than `until`, none up to `after`."""
        rows = self._rows.get(name, [])
        start = 0 if after is None else bisect_right(rows, _row(*after))
        end = len(rows) if until is None else bisect_right(rows, (cut(until), "\uffff"))
        return [(at, place) for at, _, place in rows[start : min(end, start + limit)]]


def cut(at: datetime) -> datetime:
    """To the millisecond, as an index keeps it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _row(at: datetime, place: Place) -> Row:
    return (cut(at), "|".join(place), place)
