"""Business time by brute force: ask every UTC minute what the wall clock shows, and whether that is inside a window.

Shares nothing with the implementation: no intervals, no offsets, times of day compared as the texts they are written
in. A minute is the smallest step that can matter, since windows and today's clock changes fall on whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Window = tuple[str, str]


class Oracle:
    """Answers like `Calendar`, slowly. `limit_days` is how far `add` looks before it gives up."""

    def __init__(self, spec: Mapping[str, Any], limit_days: int = 60) -> None:
        self.zone = ZoneInfo(spec["tz"])
        self.week: Mapping[str, list[Window]] = spec["week"]
        self.holidays = {date.fromisoformat(day) for day in spec.get("holidays", ())}
        self.exceptions: dict[date, list[Window]] = {
            date.fromisoformat(day): windows for day, windows in spec.get("exceptions", {}).items()
        }
        self.limit = timedelta(days=limit_days)

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        day, wall = local.date(), local.strftime("%H:%M")
        if day in self.exceptions:
            return any(_on_its_own_day(window, wall) for window in self.exceptions[day])
        if day in self.holidays:
            return False
        today = any(_on_its_own_day(window, wall) for window in self.begun_on(day))
        return today or any(_on_the_next_day(window, wall) for window in self.begun_on(day - timedelta(days=1)))

    def begun_on(self, day: date) -> list[Window]:
        return self.exceptions.get(day, self.week.get(day.strftime("%a").lower(), []))

    def add(self, start: datetime, seconds: int) -> datetime | None:
        """The deadline, or None when the limit is reached first."""
        at = start.replace(microsecond=0)
        left = seconds
        for begin, end in minutes(at, at + self.limit):
            if left == 0:
                return at
            if self.is_open(begin):
                used = min(left, _seconds(end - begin))
                left -= used
                at = begin + timedelta(seconds=used)
        return None if left else at

    def between(self, a: datetime, b: datetime) -> int:
        steps = minutes(a.replace(microsecond=0), b.replace(microsecond=0))
        return sum(_seconds(end - begin) for begin, end in steps if self.is_open(begin))

    def next_open(self, at: datetime) -> datetime | None:
        start = at.replace(microsecond=0)
        return next((begin for begin, _end in minutes(start, start + self.limit) if self.is_open(begin)), None)


def minutes(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """[start, end) cut at whole UTC minutes."""
    at = start
    while at < end:
        following = min(at.replace(second=0) + MINUTE, end)
        yield at, following
        at = following


def _on_its_own_day(window: Window, wall: str) -> bool:
    opens, closes = window
    return opens <= wall < closes if opens < closes else wall >= opens


def _on_the_next_day(window: Window, wall: str) -> bool:
    opens, closes = window
    return closes <= opens and wall < closes


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
