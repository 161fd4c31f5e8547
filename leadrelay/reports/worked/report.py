"""A hundred leads came: how many reached a rep, how many were worked, how often somebody tried, how many met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, by_edges, everything, leads_of, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import fell, not_enough, weakest
from leadrelay.reports.measures import mean, share
from leadrelay.reports.months import months
from leadrelay.reports.result import Chart, Column, Number, Remark, Table, Value
from leadrelay.reports.when import When, as_old

MOST = 6
"""Attempts from here on are one group."""


class Row(NamedTuple):
    """A lead: when it came, when a rep got it, when sales first reached out and when a meeting was booked. `tried` is
    `attempts`, or MOST of them."""

    lead_id: str
    captured_ms: int
    rep_ms: int | None
    contacted_ms: int | None
    meeting_ms: int | None
    attempts: int
    tried: int
    rep: str | None
    pool: str | None
    temperature: str | None
    first_source: str | None
    last_source: str | None


class Days:
    """Which leads came, were received, worked and met in some days."""

    def __init__(self, asked: Asked) -> None:
        self.when = When.of(asked)

    def leads(self, rows: Sequence[Row], column: str = "captured_ms") -> int:
        """Leads to which that happened."""
        return leads_of(self.when.rows(rows, column))

    def worked_of_received(self, rows: Sequence[Row]) -> Through:
        """Leads that reps got, and those of them that sales reached out to."""
        received = self.when.rows(rows, "rep_ms")
        return Through(leads_of(received), leads_of([row for row in received if row.contacted_ms is not None]))

    def worked_share(self, rows: Sequence[Row]) -> float | None:
        """Worked, of those that reps got."""
        received, worked = self.worked_of_received(rows)
        return share(worked, received)

    def attempts(self, rows: Sequence[Row]) -> float | None:
        """The mean for each lead that was worked, until now."""
        return mean([row.attempts for row in self.when.rows(rows, "contacted_ms")])

    def meeting_share(self, rows: Sequence[Row]) -> float | None:
        """Who met, of those that were worked."""
        worked = self.when.rows(rows, "contacted_ms")
        return share(leads_of([row for row in worked if row.meeting_ms is not None]), leads_of(worked))


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """From the capture to a meeting, in all and by who had them and where they came from."""
    days, whole, before = Days(asked), everything(rows), Days(asked.before())
    then = as_old(around.before, asked, around.now)
    return Counted(
        leads=days.leads(rows),
        numbers=tuple(_numbers(days, rows, before, then)),
        tables=(_ways(days, whole), _tried(days, whole), *_tables(days, whole, asked)),
        charts=_CHARTS,
        remarks=tuple(_remarks(days, rows, before.worked_of_received(then), around)),
    )


def _numbers(days: Days, rows: Sequence[Row], before: Days, then: Sequence[Row]) -> Iterator[Number]:
    received, worked = days.leads(rows, "rep_ms"), days.leads(rows, "contacted_ms")
    yield Number(
        id="worked_share", kind="share", value=days.worked_share(rows), of=received, before=before.worked_share(then)
    )
    yield Number(id="attempts", kind="number", value=days.attempts(rows), of=worked, before=before.attempts(then))
    yield Number(
        id="meeting_share", kind="share", value=days.meeting_share(rows), of=worked, before=before.meeting_share(then)
    )


def _ways(days: Days, whole: Group[Row]) -> Table:
    """Came, received, worked, met: each with the part of those that came."""
    came = days.leads(whole.rows)
    groups = [
        Group(name, found.opens, found.rows)
        for name, column in _WAY.items()
        for found in [days.when.group(whole, column)]
    ]
    part = Measure[Row]("share", "share", lambda rows: share(leads_of(rows), came))
    return table("way", Column(id="step", kind="code"), groups, (part,))


def _tried(days: Days, whole: Group[Row]) -> Table:
    """How often somebody tried to reach those whom a rep got, and what came of it."""
    received = days.when.group(whole, "rep_ms")
    names: list[Value] = [*map(str, range(MOST)), f"{MOST}+"]
    part = Measure[Row]("share", "share", lambda rows: share(leads_of(rows), leads_of(received.rows)))
    met = Measure[Row]("met", "share", lambda rows: share(sum(row.meeting_ms is not None for row in rows), len(rows)))
    return table(
        "tried",
        Column(id="attempts_made", kind="text"),
        by_edges(received, "tried", range(MOST + 1), names),
        (part, met),
    )


def _tables(days: Days, whole: Group[Row], asked: Asked) -> Iterator[Table]:
    yield months(whole, asked, lambda part: _measures(Days(part)))
    columns = {"source": f"{asked.attribution}_source", "rep": "rep", "pool": "pool", "temperature": "temperature"}
    for name, column in columns.items():
        first = Column(id=name, kind="code", codes=name)
        yield table(
            f"{name}s",
            first,
            by_column(whole, column),
            _measures(days),
            whole,
            lambda group: days.when.group(group, "captured_ms"),
        )


def _measures(days: Days) -> tuple[Measure[Row], ...]:
    return (
        Measure("received", "count", partial(days.leads, column="rep_ms")),
        Measure("worked", "count", partial(days.leads, column="contacted_ms")),
        Measure("met", "count", partial(days.leads, column="meeting_ms")),
        Measure("worked_share", "share", days.worked_share),
        Measure("attempts", "number", days.attempts),
        Measure("meeting_share", "share", days.meeting_share),
    )


def _remarks(days: Days, rows: Sequence[Row], before: Through, around: Around) -> Iterator[Remark]:
    """Where most of them are lost: before a rep gets them, or with the rep."""
    enough, came = around.rules.reports.enough, days.leads(rows)
    received, worked = days.worked_of_received(rows)
    yield from not_enough(came, around.rules)
    if came >= enough and came - worked > worked:
        why = "traffic" if came - received > received - worked else "handling"
        values: dict[str, Value] = {"leads": came, "received": received, "worked": worked}
        yield Remark(id=f"few_worked_{why}", values=values, weight="warning")
    yield from fell("worked_fell", Through(received, worked), before, enough)
    worst = weakest(by_column(everything(rows), "rep"), days.worked_of_received, enough)
    if worst is not None:
        of, out = days.worked_of_received(worst.rows)
        yield Remark(id="rep_works_few", values={"rep": worst.value, "worked": out, "received": of}, weight="warning")


_WAY = {"came": "captured_ms", "received": "rep_ms", "worked": "contacted_ms", "met": "meeting_ms"}
_CHARTS = (
    Chart(id="way", table="way", form="funnel", x="step", series=("leads",)),
    Chart(id="tried", table="tried", form="bars", x="attempts_made", series=("leads",)),
    Chart(id="months", table="months", form="line", x="month", series=("leads", "received", "worked", "met")),
)

REPORT: Definition[Row] = Definition(
    row=Row,
    count=count,
    dates={"capture": "captured_ms", "activity": ("captured_ms", "rep_ms", "contacted_ms", "meeting_ms")},
)
