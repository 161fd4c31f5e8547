"""Pipeline velocity: how many opportunities there are, how many are won, what one is worth and how long it takes, in
one number. It is what these opportunities bring per day of a sales cycle: of a longer time there are more of them, so
only times of equal length compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, number, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.earned import Earned, unrated
from leadrelay.reports.findings import fell, not_enough
from leadrelay.reports.measures import mean, seconds_between, share
from leadrelay.reports.money import Rates
from leadrelay.reports.months import months
from leadrelay.reports.result import Chart, Column, Remark, Table
from leadrelay.reports.when import When, as_old

DAY = 86_400


class Row(NamedTuple):
    """A deal; `rep` had the lead when it was opened."""

    lead_id: str
    deal_id: str
    captured_ms: int
    opened_ms: int
    won_ms: int | None
    lost_ms: int | None
    amount: int | None
    currency: str | None
    rep: str | None
    pool: str | None
    segment: str | None
    first_source: str | None
    last_source: str | None


class Days:
    """What the four parts of velocity are in some days. Each is None where nothing is there to take it of."""

    def __init__(self, asked: Asked, around: Around) -> None:
        self.when = When.of(asked)
        self.earned = Earned(Rates(around.inputs.rates), asked, self.when)

    def opened(self, rows: Sequence[Row]) -> int:
        """Deals that were opened."""
        return len(self.when.rows(rows, "opened_ms"))

    def won(self, rows: Sequence[Row]) -> int:
        """Deals that were won."""
        return len(self.when.rows(rows, "won_ms"))

    def lost(self, rows: Sequence[Row]) -> int:
        """Deals that were lost."""
        return len(self.when.rows(rows, "lost_ms"))

    def closed(self, rows: Sequence[Row]) -> Through:
        """Of those that ended, how many were won."""
        return Through(self.won(rows) + self.lost(rows), self.won(rows))

    def ended(self, rows: Sequence[Row]) -> list[Row]:
        """Those deals."""
        return [*self.when.rows(rows, "won_ms"), *self.when.rows(rows, "lost_ms")]

    def win_rate(self, rows: Sequence[Row]) -> float | None:
        """Won, of those that ended."""
        ended, won = self.closed(rows)
        return share(won, ended)

    def average(self, rows: Sequence[Row]) -> float | None:
        """What a deal that was won is worth: minor units."""
        revenue = self.earned.revenue(rows)
        return share(revenue.sum, revenue.deals)

    def cycle(self, rows: Sequence[Row]) -> float | None:
        """From opened to won: elapsed seconds, the mean."""
        return mean(seconds_between((row.opened_ms, row.won_ms) for row in self.when.rows(rows, "won_ms")))

    def from_capture(self, rows: Sequence[Row]) -> float | None:
        """From the capture to won: elapsed seconds, the mean."""
        return mean(seconds_between((row.captured_ms, row.won_ms) for row in self.when.rows(rows, "won_ms")))

    def velocity(self, rows: Sequence[Row]) -> float | None:
        """Minor units a day: opportunities × win rate × average value ÷ length of the cycle in days."""
        rate, value, cycle = self.win_rate(rows), self.average(rows), self.cycle(rows)
        if rate is None or value is None or not cycle:
            return None
        return self.opened(rows) * rate * value / (cycle / DAY)


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """The four parts and what they make, in all and by who sells what to whom."""
    whole, now = everything(rows), Days(asked, around)
    before, then = Days(asked.before(), around), as_old(around.before, asked, around.now)
    by_now, by_before = _measures(now), _measures(before)
    return Counted(
        numbers=tuple(
            number(by_now[name], rows, ()).with_(before=by_before[name].of(then))
            for name in ("velocity", "win_rate", "cycle")
        ),
        tables=(
            months(whole, asked, lambda part: tuple(_measures(Days(part, around)).values()), "opened_ms"),
            *_tables(whole, asked, tuple(by_now.values())),
        ),
        charts=_CHARTS,
        remarks=tuple(_remarks(rows, now, before.closed(then), around, asked)),
    )


def _measures(days: Days) -> dict[str, Measure[Row]]:
    made: tuple[Measure[Row], ...] = (
        Measure("opened", "count", days.opened),
        Measure("won", "count", days.won),
        Measure("lost", "count", days.lost),
        Measure("win_rate", "share", days.win_rate, days.ended),
        Measure("average", "money", days.average),
        Measure("cycle", "seconds", days.cycle, lambda rows: days.when.rows(rows, "won_ms")),
        Measure("from_capture", "seconds", days.from_capture),
        Measure("velocity", "money", days.velocity),
    )
    return {one.id: one for one in made}


def _tables(whole: Group[Row], asked: Asked, measures: Sequence[Measure[Row]]) -> Iterator[Table]:
    columns = {"sources": f"{asked.attribution}_source", "reps": "rep", "pools": "pool", "segments": "segment"}
    for name, column in columns.items():
        first = Column(id=name.removesuffix("s"), kind="code", codes=name.removesuffix("s"))
        yield table(name, first, by_column(whole, column), measures, whole)


def _remarks(rows: Sequence[Row], now: Days, before: Through, around: Around, asked: Asked) -> Iterator[Remark]:
    yield from unrated(asked.currency, now.earned.pipeline(rows), now.earned.revenue(rows))
    ended = now.closed(rows)
    yield from not_enough(ended.came, around.rules)
    yield from fell("win_rate", ended, before, around.rules.reports.enough)


_CHARTS = (
    Chart(id="months", table="months", form="bars", x="month", series=("opened", "won", "lost")),
    Chart(id="reps", table="reps", form="bars", x="rep", series=("velocity",)),
)

REPORT: Definition[Row] = Definition(
    row=Row, count=count, dates={"capture": "captured_ms", "activity": ("opened_ms", "won_ms", "lost_ms")}
)
