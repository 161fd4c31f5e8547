"""Which promises of `sla.yaml` were kept: by promise, pool, rep, and hour of the week in which they began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from leadrelay.domain.reporting.policy import ReportsPolicy, Weekday
from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, by_month, everything, in_zone, number, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import fell, not_enough, weakest
from leadrelay.reports.measures import known, median, share
from leadrelay.reports.result import Chart, Column, Line, Remark, Table

DAYS: tuple[Weekday, ...] = get_args(Weekday)
FIRST = "first_contact"


class Row(NamedTuple):
    """A clock. `in_time` is none while it runs (`open`), and where it ended before anybody could be late: the lead
    changed hands, say. `late_seconds` (elapsed) after the deadline what was promised happened after all."""

    lead_id: str
    captured_ms: int
    started_ms: int
    kind: str
    promise: str
    rep: str | None
    pool: str | None
    in_time: bool | None
    open: bool
    late_seconds: int | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """What share of the promises was kept, and whose were not."""
    whole, policy = everything(rows), around.rules.reports
    reps = by_column(whole, "rep")
    return Counted(
        numbers=tuple(number(one, rows, around.before) for one in (_KEPT, _FIRST, _LATE)),
        tables=(
            table("kinds", Column(id="kind", kind="code", codes="clock"), by_column(whole, "kind"), _BY[:-1], whole),
            table("promises", Column(id="promise", kind="code"), by_column(whole, "promise"), _BY[:-1], whole),
            table("pools", Column(id="pool", kind="code", codes="pool"), by_column(whole, "pool"), _BY, whole),
            table("reps", Column(id="rep", kind="code", codes="rep"), reps, _BY, whole),
            _months(whole, asked),
            _hours(rows, asked, policy),
        ),
        charts=(
            Chart(id="kinds", table="kinds", form="bars", x="kind", series=("kept",)),
            Chart(id="months", table="months", form="line", x="month", series=("kept", "first_kept")),
            Chart(id="hours", table="hours", form="heat", x="hour", series=("kept",), by="weekday"),
        ),
        remarks=(
            *not_enough(_settled(rows).came, around.rules),
            *fell("kept_less", _settled(rows), _settled(around.before), policy.enough),
            *_weakest(reps, policy.enough),
        ),
    )


def _settled(rows: Sequence[Row]) -> Through:
    """Those that were kept or broken, and those that were kept."""
    told = _decided(rows)
    return Through(len(told), sum(row.in_time is True for row in told))


def _first(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.kind == FIRST]


def _kept(rows: Sequence[Row]) -> float | None:
    settled = _settled(rows)
    return share(settled.out, settled.came)


def _decided(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.in_time is not None]


_KEPT: Measure[Row] = Measure("kept", "share", _kept, _decided)
_FIRST: Measure[Row] = Measure(
    "first_kept", "share", lambda rows: _kept(_first(rows)), lambda rows: _decided(_first(rows))
)
_LATE: Measure[Row] = Measure(
    "late_median",
    "seconds",
    lambda rows: median(known(row.late_seconds for row in rows)),
    lambda rows: [row for row in rows if row.late_seconds is not None],
)
_BY: tuple[Measure[Row], ...] = (
    Measure("clocks", "count", len),
    Measure("in_time", "count", lambda rows: _settled(rows).out),
    Measure("broken", "count", lambda rows: _settled(rows).came - _settled(rows).out),
    Measure("open", "count", lambda rows: sum(row.open for row in rows)),
    _KEPT,
    _LATE,
    _FIRST,
)


def _months(whole: Group[Row], asked: Asked) -> Table:
    date = REPORT.dated(asked.date_by)[0]
    return table("months", Column(id="month", kind="month"), by_month(whole, date, asked), _BY, whole)


def _hours(rows: Sequence[Row], asked: Asked, policy: ReportsPolicy) -> Table:
    """First contacts by when the time for them began, as clocks on the wall show it where the reader is. No condition
    on a time tells an hour of the week, so that these numbers cannot be opened."""
    zone = ZoneInfo(asked.zone)
    cells: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in _first(rows):
        at = in_zone(row.started_ms, zone)
        cells[at.weekday(), at.hour].append(row)
    begins = DAYS.index(policy.week_starts)
    days = [(begins + number) % 7 for number in range(7)]
    return Table(
        id="hours",
        columns=(
            Column(id="weekday", kind="code", codes="weekday"),
            Column(id="hour"),
            Column(id="clocks"),
            Column(id="kept", kind="share"),
        ),
        lines=tuple(
            Line(values=(DAYS[day], hour, len(cells[day, hour]), _kept(cells[day, hour])))
            for day in days
            for hour in range(24)
        ),
    )


def _weakest(reps: Sequence[Group[Row]], enough: int) -> tuple[Remark, ...]:
    found = weakest(reps, _settled, enough)
    if found is None:
        return ()
    values = {"rep": found.value, "kept": _kept(found.rows), "clocks": _settled(found.rows).came}
    return (Remark(id="weakest_rep", values=values, weight="warning"),)


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "started_ms"})
