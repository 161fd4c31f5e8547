"""How long leads waited for their first contact, in all hours and in the working hours of who had them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import (
    Group,
    Measure,
    by_column,
    by_edges,
    by_month,
    everything,
    known_in,
    leads_of,
    number,
    table,
)
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import counts_differ, known, mean, median, percentile, share
from leadrelay.reports.result import Chart, Column, Remark, Table, Value
from leadrelay.reports.when import as_old

MINUTE, HOUR = 60, 3600
EDGES = (0, 5 * MINUTE + 1, 15 * MINUTE + 1, HOUR + 1, 4 * HOUR + 1, 24 * HOUR + 1, 72 * HOUR + 1)
WITHIN = ("5m", "15m", "1h", "4h", "24h", "72h", "later")
"""Whole seconds: who was called after exactly five minutes was called within five."""

SLOWER = 1.2
"""A middle that grew by a fifth is worth a word."""


class Row(NamedTuple):
    """A lead. `elapsed_seconds` from the capture to the first contact, none where sales talked to them before;
    `business_seconds` in the working time of who had it, from the assignment. `rep` made the first contact; until there
    is one, who has the lead."""

    lead_id: str
    captured_ms: int
    rep_ms: int | None
    contacted_ms: int | None
    elapsed_seconds: int | None
    business_seconds: int | None
    rep: str | None
    temperature: str | None
    first_source: str | None
    last_source: str | None
    meeting_ms: int | None
    sql_ms: int | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Middles, the slow end, and who waited where."""
    whole, before = everything(rows), _before(asked, around)
    return Counted(
        numbers=tuple(number(one, rows, before) for one in (*_spread("elapsed_seconds")[1:], _CONTACTED)),
        tables=(_times(whole), _distribution(whole), *_tables(whole, asked)),
        charts=(
            Chart(id="distribution", table="distribution", form="bars", x="within", series=("leads", "business")),
            Chart(id="months", table="months", form="line", x="month", series=("median", "p90")),
        ),
        remarks=(*_untouched(rows), *not_enough(_contacted(rows), around.rules), *_slower(rows, before, around)),
    )


def _before(asked: Asked, around: Around) -> list[Row]:
    """The time before at the same age: whom nobody had called by then waited still."""
    then = as_old(around.before, asked, around.now)
    waiting = {"elapsed_seconds": None, "business_seconds": None}
    return [row if row.contacted_ms is not None else row._replace(**waiting) for row in then]


def _seconds(rows: Sequence[Row], column: str) -> list[int]:
    return known(getattr(row, column) for row in rows)


def _spread(column: str) -> tuple[Measure[Row], ...]:
    def waited(rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if getattr(row, column) is not None]

    return (
        Measure("mean", "seconds", lambda rows: mean(_seconds(rows, column)), waited),
        Measure("median", "seconds", lambda rows: median(_seconds(rows, column)), waited),
        Measure("p90", "seconds", lambda rows: percentile(_seconds(rows, column), 0.9), waited),
    )


def _contacted(rows: Sequence[Row]) -> int:
    return sum(row.contacted_ms is not None for row in rows)


_CONTACTED: Measure[Row] = Measure("contacted_share", "share", lambda rows: share(_contacted(rows), len(rows)))
_BUSINESS: Measure[Row] = Measure("business_median", "seconds", lambda rows: median(_seconds(rows, "business_seconds")))
_BY: tuple[Measure[Row], ...] = (
    Measure("contacted", "count", _contacted),
    _CONTACTED,
    *_spread("elapsed_seconds"),
    _BUSINESS,
)
_WORTH: tuple[Measure[Row], ...] = (
    Measure("meeting_share", "share", lambda rows: share(sum(row.meeting_ms is not None for row in rows), len(rows))),
    Measure("sql_share", "share", lambda rows: share(sum(row.sql_ms is not None for row in rows), len(rows))),
)


def _times(whole: Group[Row]) -> Table:
    """How both ways of counting spread."""
    first = Column(id="counted", kind="code")
    by_way = [
        table("times", first, [Group(way, found.opens, found.rows)], _spread(column))
        for way, column in (("elapsed", "elapsed_seconds"), ("business", "business_seconds"))
        for found in [known_in(whole, column)]
    ]
    return by_way[0].with_(lines=tuple(line for one in by_way for line in one.lines))


def _distribution(whole: Group[Row]) -> Table:
    """How many were called within which time, and what became of them."""
    groups = by_edges(whole, "elapsed_seconds", EDGES, WITHIN)
    shares = Measure[Row]("share", "share", lambda rows: share(len(rows), len(whole.rows)))
    found = table("distribution", Column(id="within", kind="code"), groups, (shares, *_WORTH))
    business = [len(group.rows) for group in by_edges(whole, "business_seconds", EDGES, WITHIN)]
    lines = (line.with_(values=(*line.values, number)) for line, number in zip(found.lines, business, strict=True))
    return found.with_(columns=(*found.columns, Column(id="business")), lines=tuple(lines))


def _tables(whole: Group[Row], asked: Asked) -> tuple[Table, ...]:
    source = f"{asked.attribution}_source"
    date = REPORT.dated(asked.date_by)[0]
    return (
        table("months", Column(id="month", kind="month"), by_month(whole, date, asked), _BY, whole),
        table("reps", Column(id="rep", kind="code", codes="rep"), by_column(whole, "rep"), _BY, whole),
        table("sources", Column(id="source", kind="code", codes="source"), by_column(whole, source), _BY, whole),
        table(
            "temperatures",
            Column(id="temperature", kind="code", codes="temperature"),
            by_column(whole, "temperature"),
            _BY,
            whole,
        ),
    )


def _untouched(rows: Sequence[Row]) -> tuple[Remark, ...]:
    """Who was given to a rep, and nobody has called."""
    given = [row for row in rows if row.rep_ms is not None]
    waiting = [row for row in given if row.contacted_ms is None]
    values: dict[str, Value] = {"leads": leads_of(waiting), "given": leads_of(given)}
    return (Remark(id="untouched", values=values, weight="warning"),) if waiting else ()


def _slower(rows: Sequence[Row], earlier: Sequence[Row], around: Around) -> tuple[Remark, ...]:
    """More leads than before explain a longer wait; else those that came were called later."""
    then, now = _seconds(earlier, "elapsed_seconds"), _seconds(rows, "elapsed_seconds")
    was, is_ = median(then), median(now)
    if min(len(then), len(now)) < around.rules.reports.enough or was is None or is_ is None or is_ <= was * SLOWER:
        return ()
    before, leads = leads_of(earlier), leads_of(rows)
    cause = "traffic" if leads > before and counts_differ(leads, before) else "handling"
    values: dict[str, Value] = {"was": was, "now": is_, "leads": leads, "before": before}
    return (Remark(id=f"slower_{cause}", values=values, weight="warning"),)


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "contacted_ms"})
