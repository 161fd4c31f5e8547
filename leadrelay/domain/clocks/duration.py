"""Durations as RevOps writes them: how long a promise may take, and in which time that is counted.

`48h`, `15m`, `30s` and `2d` pass without pause, nights and holidays included. With a `b` they pass in business time:
`48bh`, `15bm` and `30bs` are counted in open hours, `2bd` in working days, whatever their hours are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from leadrelay.domain.clocks.business_time import Calendar

LONGEST_DAYS = 366

ELAPSED = "elapsed"
"""Names no calendar: every second counts."""

_SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"([1-9][0-9]{0,8})(b?)([smhd])")
_PATTERN = "^[1-9][0-9]{0,8}b?[smhd]$"


@dataclass(frozen=True, slots=True)
class Duration:
    """`amount` of the unit s, m, h or d; `business`: of business time. It never is zero, nor longer than 366 days."""

    amount: int
    unit: str
    business: bool

    def __str__(self) -> str:
        """As RevOps would write it."""
        return f"{self.amount}{'b' if self.business else ''}{self.unit}"

    @property
    def seconds(self) -> int:
        """How many seconds, elapsed or open ones; a working day stands for a whole one here, for it has no length of
        its own."""
        return self.amount * _SECONDS[self.unit]

    @property
    def by_day(self) -> bool:
        """Whether working days are counted and not hours."""
        return self.business and self.unit == "d"

    def calendar(self, own: str) -> str:
        """The name of the calendar it is counted in, for who works by the calendar `own`."""
        return own if self.business else ELAPSED

    def after(self, start: datetime, hours: Calendar) -> datetime:
        """The instant (UTC) at which it is over, counted in `hours` from `start`. Raises NoBusinessTime."""
        if self.by_day:
            return _days_after(start, self.amount, hours)
        return hours.add(start, self.seconds) if self.business else start + timedelta(seconds=self.seconds)

    def share(self, share: float, start: datetime, hours: Calendar) -> datetime:
        """The instant (UTC) at which this share of it has passed; 2 is twice as long. Of working days it is a share of
        their open hours, so that a warning comes in working time too. Raises NoBusinessTime."""
        if not self.business:
            return start + timedelta(seconds=int(self.seconds * share))
        whole = hours.between(start, self.after(start, hours)) if self.by_day else self.seconds
        return hours.add(start, int(whole * share))


def _days_after(start: datetime, days: int, hours: Calendar) -> datetime:
    """The same time of day so many working days later, moved into the hours of that day. Who starts on a closed day, or
    before it opens, starts with the opening."""
    opened = hours.next_open(start)
    time_of_day = opened.astimezone(hours.zone).time()
    day = hours.local_date(opened)
    for _ in range(days):
        day = hours.next_day(opened)
        opened = hours.next_open(_at(day, time(), hours))
    wanted = _at(day, time_of_day, hours)
    parts = hours.trace_between(opened, _at(day + timedelta(days=1), time(), hours))
    return next((max(wanted, part.start) for part in parts if part.end >= wanted), parts[-1].end)


def _at(day: date, time_of_day: time, hours: Calendar) -> datetime:
    return datetime.combine(day, time_of_day, hours.zone).astimezone(UTC)


def duration(text: str) -> Duration:
    """Read one. Raises ValueError, with what may be written."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(
            f"'{text}' is no duration; write 15m, 48h or 2d for real minutes, hours or days, "
            "15bm, 48bh or 2bd for those of working time"
        )
    amount, business, unit = found.groups()
    read = Duration(int(amount), unit, bool(business))
    if read.seconds > LONGEST_DAYS * _SECONDS["d"]:
        raise ValueError(f"'{text}' is too long; at most {LONGEST_DAYS}d")
    return read


def _written(value: object) -> str:
    return str(duration(str(value)))


Within = Annotated[str, BeforeValidator(_written), WithJsonSchema({"type": "string", "pattern": _PATTERN})]
"""A duration as it stands in a file, checked."""
