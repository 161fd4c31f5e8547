"""What came of leads that sales gave back as too early: who came back, and the pipeline and revenue they brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Measure, by_column, everything, leads_of, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.earned import Earned, unrated
from leadrelay.reports.findings import fell, not_enough
from leadrelay.reports.measures import median, seconds_between, share
from leadrelay.reports.money import Rates
from leadrelay.reports.months import months
from leadrelay.reports.result import Chart, Column, Number, Remark, Table
from leadrelay.reports.when import When, as_old


class Row(NamedTuple):
    """A recycled lead and one of the deals that were opened since; without such a deal it has one row. `back_ms` is
    when it came back."""

    lead_id: str
    captured_ms: int
    recycled_ms: int
    back_ms: int | None
    reason: str | None
    rep: str | None
    pool: str | None
    first_source: str | None
    last_source: str | None
    opened_ms: int | None
    won_ms: int | None
    amount: int | None
    currency: str | None


class Days:
    """What happened to recycled leads in some days."""

    def __init__(self, asked: Asked, around: Around) -> None:
        self.when = When.of(asked)
        self.earned = Earned(Rates(around.inputs.rates), asked, self.when)

    def leads(self, rows: Sequence[Row], column: str = "recycled_ms") -> int:
        """Leads to which that happened."""
        return leads_of(self.when.rows(rows, column))

    def came_back(self, rows: Sequence[Row]) -> Through:
        """Leads that were given back, and those of them that came back since."""
        given = self.when.rows(rows, "recycled_ms")
        return Through(leads_of(given), leads_of([row for row in given if row.back_ms is not None]))

    def back_share(self, rows: Sequence[Row]) -> float | None:
        """Who came back, of those that were given back."""
        given, back = self.came_back(rows)
        return share(back, given)

    def away(self, rows: Sequence[Row]) -> float | None:
        """How long they were away: elapsed seconds, the median of those that came back."""
        back = {row.lead_id: (row.recycled_ms, row.back_ms) for row in self.when.rows(rows, "back_ms")}
        return median(seconds_between(back.values()))

    def pipeline(self, rows: Sequence[Row]) -> int:
        """Deals opened since: minor units."""
        return self.earned.pipeline(rows).sum

    def revenue(self, rows: Sequence[Row]) -> int:
        """Those of them that were won: minor units."""
        return self.earned.revenue(rows).sum


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Who came back, and what that was worth."""
    now, before = Days(asked, around), Days(asked.before(), around)
    then = as_old(around.before, asked, around.now)
    return Counted(
        numbers=tuple(_numbers(now, rows, before, then)),
        tables=tuple(_tables(now, rows, asked, around)),
        charts=_CHARTS,
        remarks=tuple(_remarks(now, rows, before.came_back(then), around, asked)),
    )


def _numbers(now: Days, rows: Sequence[Row], before: Days, then: Sequence[Row]) -> Iterator[Number]:
    leads = now.leads(rows)
    yield Number(id="back_share", kind="share", value=now.back_share(rows), of=leads, before=before.back_share(then))
    yield Number(id="pipeline", kind="money", value=now.pipeline(rows), of=leads, before=before.pipeline(then))
    yield Number(id="revenue", kind="money", value=now.revenue(rows), of=leads, before=before.revenue(then))


def _measures(days: Days) -> tuple[Measure[Row], ...]:
    return (
        Measure("back", "count", partial(days.leads, column="back_ms")),
        Measure("back_share", "share", days.back_share),
        Measure("away", "seconds", days.away),
        Measure("opportunities", "count", partial(days.leads, column="opened_ms")),
        Measure("customers", "count", partial(days.leads, column="won_ms")),
        Measure("pipeline", "money", days.pipeline),
        Measure("revenue", "money", days.revenue),
    )


def _tables(days: Days, rows: Sequence[Row], asked: Asked, around: Around) -> Iterator[Table]:
    whole, measures = everything(rows), _measures(days)
    columns = {"reason": "reason", "source": f"{asked.attribution}_source", "rep": "rep", "pool": "pool"}
    for name, column in columns.items():
        first, groups = Column(id=name, kind="code", codes=name), by_column(whole, column)
        yield table(f"{name}s", first, groups, measures, whole, lambda group: days.when.group(group, "recycled_ms"))
    yield months(whole, asked, lambda part: _measures(Days(part, around)), "recycled_ms")


def _remarks(now: Days, rows: Sequence[Row], before: Through, around: Around, asked: Asked) -> Iterator[Remark]:
    given = now.came_back(rows)
    yield from unrated(asked.currency, now.earned.pipeline(rows), now.earned.revenue(rows))
    yield from not_enough(given.came, around.rules)
    yield from fell("back", given, before, around.rules.reports.enough)


_CHARTS = (
    Chart(id="reasons", table="reasons", form="bars", x="reason", series=("leads", "back")),
    Chart(id="months", table="months", form="bars", x="month", series=("leads", "back", "opportunities")),
)

REPORT: Definition[Row] = Definition(
    row=Row,
    count=count,
    dates={"capture": "captured_ms", "activity": ("recycled_ms", "back_ms", "opened_ms", "won_ms")},
)
