"""Business time: when a promise made in working hours falls due, and how much working time has passed.

What counts as business time is said in `calendar_spec`.

Every given instant is floored to its whole second first and every result is a whole second in UTC, so
`between(start, add(start, n)) == n`. A deadline is the instant at which the last counted second ends: it can be closing
time itself, never the next opening.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadrelay.domain.clocks.calendar_spec import WEEKDAYS, CalendarSpec, ClosedBy, Minutes, always, minutes

__all__ = ["Calendar", "CalendarSpec", "Interval", "NoBusinessTime", "always", "calendar_of"]

LONGEST_WAIT_DAYS = 400
LONGEST_TARGET_SECONDS = 10 * 366 * 86_400

_DAY = 86_400
_PROBE = 3 * 3_600  # no zone changes its offset twice within three hours
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_SECOND = timedelta(seconds=1)


class NoBusinessTime(ValueError):
    """The calendar has no open second in the next 400 local days, or none before its last possible date."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Business time without a break on one local date: UTC start and end, and its length in seconds."""

    start: datetime
    end: datetime
    local_date: date
    seconds: int


class _Stretch(NamedTuple):
    """An interval in seconds since 1970 (UTC), with the ordinal of its local date."""

    begin: int
    end: int
    day: int

    def interval(self) -> Interval:
        return Interval(_instant(self.begin), _instant(self.end), date.fromordinal(self.day), self.end - self.begin)


class Calendar:
    """A calendar one can count with, in the hours of its `zone`. Cheap to build; days are worked out when first asked
    for and kept."""

    def __init__(self, spec: CalendarSpec) -> None:
        self.zone = ZoneInfo(spec.tz)
        self._week = tuple(minutes(spec.week.get(day, ())) for day in WEEKDAYS)
        self._exceptions = {day.toordinal(): minutes(windows) for day, windows in spec.exceptions.items()}
        self._holidays = frozenset(day.toordinal() for day in spec.holidays)
        self._open_on = lru_cache(maxsize=4_096)(self._work_out)

    def add(self, start: datetime, seconds: int) -> datetime:
        """The instant (UTC) when `seconds` of business time have passed since `start`; zero seconds is `start` itself.

        Raises NoBusinessTime, and ValueError for a naive start, a negative target or one beyond ten years.
        """
        due = _epoch(start)
        for stretch in self._spend(due, seconds):
            due = stretch.end
        return _instant(due)

    def trace_add(self, start: datetime, seconds: int) -> tuple[Interval, ...]:
        """The intervals that `add` uses up: together exactly `seconds` long, the last one ends at the deadline."""
        return tuple(stretch.interval() for stretch in self._spend(_epoch(start), seconds))

    def between(self, a: datetime, b: datetime) -> int:
        """Business seconds from `a` to `b`; negative when b is before a."""
        begin, end = _epoch(a), _epoch(b)
        if end < begin:
            return -self.between(b, a)
        return sum(stretch.end - stretch.begin for stretch in self._open_between(begin, end))

    def trace_between(self, a: datetime, b: datetime) -> tuple[Interval, ...]:
        """The intervals that `between` counts, earliest first, whichever of the two instants is earlier."""
        begin, end = sorted((_epoch(a), _epoch(b)))
        return tuple(stretch.interval() for stretch in self._open_between(begin, end))

    def is_open(self, at: datetime) -> bool:
        """Whether the second that `at` falls in is business time."""
        second = _epoch(at)
        return any(self._open_between(second, second + 1))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself (floored to the second) when open, else the next opening (UTC). Raises NoBusinessTime."""
        return _instant(next(self._open_from(_epoch(at))).begin)

    def works_on(self, day: date) -> bool:
        """Whether a local date has any business time."""
        return bool(self._open_on(day.toordinal()))

    def closed_by(self, day: date) -> ClosedBy | None:
        """What closes a local date: an exception of that date, a public holiday, or else the week. None: it is open."""
        if self.works_on(day):
            return None
        if (ordinal := day.toordinal()) in self._exceptions:
            return "exception"
        return "holiday" if ordinal in self._holidays and self._usual(ordinal) else "week"

    def local_date(self, at: datetime) -> date:
        """The date there at an instant."""
        return date.fromordinal(self._local_day(_epoch(at)))

    def next_day(self, at: datetime) -> date:
        """The first local date with business time that has not begun by `at`. Raises NoBusinessTime."""
        second = _epoch(at)
        first = self._local_day(second)
        for day in range(first, min(first + LONGEST_WAIT_DAYS, date.max.toordinal())):
            opened = self._open_on(day)
            if opened and opened[0].begin > second:
                return date.fromordinal(day)
        raise self._never_open(first)

    def _spend(self, begin: int, seconds: int) -> Iterator[_Stretch]:
        if not 0 <= seconds <= LONGEST_TARGET_SECONDS:
            raise ValueError(f"a target is 0 to {LONGEST_TARGET_SECONDS} business seconds, not {seconds}")
        stretches = self._open_from(begin)
        left = seconds
        while left > 0:
            opened, closed, day = next(stretches)
            used = min(left, closed - opened)
            yield _Stretch(opened, opened + used, day)
            left -= used

    def _open_from(self, begin: int) -> Iterator[_Stretch]:
        """Open stretches from an instant on. Never ends without an answer: raises NoBusinessTime."""
        first = last = self._local_day(begin)
        for day in range(first, date.max.toordinal()):
            for opened, closed, local_day in self._open_on(day):
                if closed > begin:
                    last = day
                    yield _Stretch(max(opened, begin), closed, local_day)
            if day - last >= LONGEST_WAIT_DAYS:
                break
        raise self._never_open(last)

    def _never_open(self, last: int) -> NoBusinessTime:
        since = date.fromordinal(last).isoformat()
        return NoBusinessTime(f"no open hours in the {LONGEST_WAIT_DAYS} days after {since} ({self.zone.key})")

    def _open_between(self, begin: int, end: int) -> Iterator[_Stretch]:
        # One day beyond the last local date: where clocks go back over midnight, a date is read again the day after.
        for day in range(self._local_day(begin), self._local_day(end) + 2):
            for opened, closed, local_day in self._open_on(day):
                if closed > begin and opened < end:
                    yield _Stretch(max(opened, begin), min(closed, end), local_day)

    def _work_out(self, day: int) -> tuple[_Stretch, ...]:
        """The open stretches from the first instant of a local date to the first instant of the next one."""
        joined: list[_Stretch] = []
        for begin, end, local_day in self._cut(self._midnight(day), self._midnight(day + 1)):
            follows = bool(joined) and joined[-1][1:] == (begin, local_day)
            joined.append(_Stretch(joined.pop().begin if follows else begin, end, local_day))
        return tuple(joined)

    def _cut(self, begin: int, end: int) -> Iterator[_Stretch]:
        for steady_from, steady_to, offset in self._steady(begin, end):
            first, last = (_EPOCH_ORDINAL + (at + offset) // _DAY for at in (steady_from, steady_to - 1))
            for day in range(first, last + 1):
                midnight = (day - _EPOCH_ORDINAL) * _DAY - offset
                for opens, closes in self._hours(day):
                    opened, closed = max(midnight + opens * 60, steady_from), min(midnight + closes * 60, steady_to)
                    if opened < closed:
                        yield _Stretch(opened, closed, day)

    def _steady(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Cuts [begin, end) at the seconds where the zone's UTC offset changes; (begin, end, offset in seconds)."""
        since = begin
        for early, late in pairwise([*range(begin, end, _PROBE), end]):
            if self._offset(early) != self._offset(late):
                change = self._change(early, late)
                yield since, change, self._offset(since)
                since = change
        if since < end:
            yield since, end, self._offset(since)

    def _change(self, early: int, late: int) -> int:
        """The second at which the offset becomes another than `early` has."""
        before = self._offset(early)
        return early + bisect_left(range(early, late), True, key=lambda at: self._offset(at) != before)

    def _hours(self, day: int) -> tuple[Minutes, ...]:
        """The open minutes of a local date, in order and apart."""
        if day in self._exceptions:
            return _merged((opens, min(closes, 1_440)) for opens, closes in self._exceptions[day])
        return () if day in self._holidays else self._usual(day)

    def _usual(self, day: int) -> tuple[Minutes, ...]:
        """Those of its weekday, with what the day before reaches into it."""
        overnight = ((0, closes - 1_440) for _opens, closes in self._begun_on(day - 1) if closes > 1_440)
        return _merged((opens, min(closes, 1_440)) for opens, closes in (*overnight, *self._begun_on(day)))

    def _begun_on(self, day: int) -> tuple[Minutes, ...]:
        return self._exceptions.get(day, self._week[(day - 1) % 7])

    def _midnight(self, day: int) -> int:
        """The first instant of a local date; where midnight is skipped, the instant of the change."""
        return _epoch(datetime.fromordinal(day).replace(tzinfo=self.zone))

    def _offset(self, at: int) -> int:
        offset = _instant(at).astimezone(self.zone).utcoffset() or timedelta()
        return offset // _SECOND

    def _local_day(self, at: int) -> int:
        return _instant(at).astimezone(self.zone).toordinal()


@lru_cache(maxsize=256)
def calendar_of(spec: CalendarSpec) -> Calendar:
    """The calendar of a spec, the same object for equal specs, so that days worked out once stay worked out."""
    return Calendar(spec)


def _merged(windows: Iterator[Minutes]) -> tuple[Minutes, ...]:
    merged: list[Minutes] = []
    for opens, closes in sorted(windows):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _epoch(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"business time needs an aware datetime, not {at.isoformat()}")
    return (at - _EPOCH) // _SECOND


def _instant(epoch: int) -> datetime:
    return _EPOCH + timedelta(seconds=epoch)
