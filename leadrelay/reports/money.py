"""Amounts of several currencies in one: by the rate of the day on which it was earned or spent."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.kit.money import digits
from leadrelay.reports.definition import Rate


def day_of(ms: int, zone: str) -> str:
    """The day (ISO) in the zone on which that millisecond since 1970 (UTC) lies."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date().isoformat()


class Rates:
    """A dated table of rates. One that is told from A to B also leads from B to A, and through B on to C."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        """In any order; of several of one day the last one holds."""
        told: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for rate in rates:
            told[rate.currency, rate.into][rate.day] = rate.value
        self._told = {pair: sorted(days.items()) for pair, days in told.items()}
        self._known = sorted({currency for pair in told for currency in pair})

    def convert(self, amount: int, currency: str | None, into: str, day: str) -> int | None:
        """The amount (minor units) in another currency, rounded to its minor unit; None where no rate of that day or
        before leads there. `day` is an ISO date."""
        if currency == into:
            return amount
        if currency is None:
            return None
        rate = self._rate(currency, into, day)
        return None if rate is None else round(amount * rate * 10.0 ** (digits(into) - digits(currency)))

    def _rate(self, currency: str, into: str, day: str) -> float | None:
        direct = self._pair(currency, into, day)
        return direct if direct is not None else next(self._through(currency, into, day), None)

    def _through(self, currency: str, into: str, day: str) -> Iterator[float]:
        for middle in self._known:
            first, second = self._pair(currency, middle, day), self._pair(middle, into, day)
            if first is not None and second is not None:
                yield first * second

    def _pair(self, currency: str, into: str, day: str) -> float | None:
        forth, back = self._newest((currency, into), day), self._newest((into, currency), day)
        if forth is None and back is None:
            return None
        if back is None or (forth is not None and forth[0] >= back[0]):
            return None if forth is None else forth[1]
        return 1 / back[1]

    def _newest(self, pair: tuple[str, str], day: str) -> tuple[str, float] | None:
        days = self._told.get(pair, [])
        place = bisect_right(days, day, key=lambda told: told[0])
        return days[place - 1] if place else None


def share_of_month(month: str, since: date, until: date) -> float:
    """How much of a month (2026-11) lies in the days, both counted: 0 to 1. What is told by month is told evenly."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    inside = min(until.toordinal() + 1, following.toordinal()) - max(since.toordinal(), first.toordinal())
    return max(inside, 0) / (following - first).days
