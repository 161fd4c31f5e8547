"""Which MQLs sales took on, gave back, or left waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import (
    Group,
    Measure,
    by_column,
    by_edges,
    by_month,
    everything,
    leads_of,
    number,
    same,
    such,
    table,
)  # fmt: skip
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import fell, not_enough, weakest
from leadrelay.reports.measures import median, seconds_between, share
from leadrelay.reports.result import Chart, Column, Remark, Table, Value
from leadrelay.reports.when import as_old

VERDICTS = ("accepted", "rejected", "recycled", "pending")


class Row(NamedTuple):
    """An MQL. `accepted_ms` is when sales took it on, in words or by opening a deal; `judged_ms` when they first gave
    the verdict; `reason` why they gave it back. Whom they ever took on is accepted, whatever followed."""

    lead_id: str
    captured_ms: int
    mql_ms: int
    accepted_ms: int | None
    judged_ms: int | None
    verdict: str
    reason: str | None
    mql_score: int | None
    rep: str | None
    pool: str | None
    first_source: str | None
    last_source: str | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """What sales said of them, by who said it and where they came from."""
    whole, before = everything(rows), _before(asked, around)
    return Counted(
        numbers=tuple(number(one, rows, before) for one in (_ACCEPTANCE, _PENDING, _WAIT)),
        tables=(_verdicts(whole), _reasons(whole), *_tables(whole, asked, around.rules.reports.bands)),
        charts=_CHARTS,
        remarks=tuple(_remarks(rows, before, asked, around)),
    )


def _before(asked: Asked, around: Around) -> list[Row]:
    """The time before at the same age: what nobody had said of them by then was pending."""
    then = [row for row in as_old(around.before, asked, around.now) if row.mql_ms is not None]
    return [row if row.judged_ms is not None else row._replace(verdict="pending") for row in then]


def _are(rows: Sequence[Row], verdict: str) -> int:
    return leads_of([row for row in rows if row.verdict == verdict])


def _judged(rows: Sequence[Row]) -> Through:
    """Those that sales decided on, and whom of them they took on."""
    return Through(leads_of(rows) - _are(rows, "pending"), _are(rows, "accepted"))


def _acceptance(rows: Sequence[Row]) -> float | None:
    judged, accepted = _judged(rows)
    return share(accepted, judged)


_ACCEPTANCE = Measure[Row](
    "acceptance", "share", _acceptance, lambda rows: [row for row in rows if row.verdict != "pending"]
)
_PENDING = Measure[Row]("pending_share", "share", lambda rows: share(_are(rows, "pending"), leads_of(rows)))
_WAIT = Measure[Row](
    "wait",
    "seconds",
    lambda rows: median(seconds_between((row.mql_ms, row.accepted_ms) for row in rows)),
    lambda rows: [row for row in rows if row.accepted_ms is not None],
)
_BY = (
    *(Measure[Row](verdict, "count", partial(_are, verdict=verdict)) for verdict in VERDICTS),
    _ACCEPTANCE,
    _WAIT,
)


def _verdicts(whole: Group[Row]) -> Table:
    groups = [such(whole, same("verdict", verdict)).named(verdict) for verdict in VERDICTS]
    part = Measure[Row]("share", "share", lambda rows: share(leads_of(rows), leads_of(whole.rows)))
    return table("verdicts", Column(id="verdict", kind="code", codes="disposition"), groups, (part,), whole)


def _reasons(whole: Group[Row]) -> Table:
    """Why sales gave them back; those without a reason last."""
    back = [such(whole, same("verdict", verdict)) for verdict in ("rejected", "recycled")]
    of = sum(leads_of(group.rows) for group in back)
    part = Measure[Row]("share", "share", lambda rows: share(leads_of(rows), of))
    how = Measure[Row]("verdict", "code", lambda rows: rows[0].verdict)
    groups = [group for verdict in back for group in by_column(verdict, "reason")]
    made = table("reasons", Column(id="reason", kind="code", codes="reason"), groups, (how, part))
    columns = (column.with_(codes="disposition") if column.id == "verdict" else column for column in made.columns)
    return made.with_(columns=tuple(columns))


def _tables(whole: Group[Row], asked: Asked, bands: Sequence[int]) -> Iterator[Table]:
    month = "captured_ms" if asked.date_by == "capture" else "mql_ms"
    yield table("months", Column(id="month", kind="month"), by_month(whole, month, asked), _BY)
    names = [f"{low}–{high - 1}" for low, high in zip(bands, (*bands[1:], 101), strict=True)]
    yield table("bands", Column(id="band", kind="text"), by_edges(whole, "mql_score", bands, names), _BY)
    for name, column in {"source": f"{asked.attribution}_source", "rep": "rep", "pool": "pool"}.items():
        yield table(f"{name}s", Column(id=name, kind="code", codes=name), by_column(whole, column), _BY, whole)


def _remarks(rows: Sequence[Row], before: Sequence[Row], asked: Asked, around: Around) -> Iterator[Remark]:
    enough = around.rules.reports.enough
    now = _judged(rows)
    yield from not_enough(now.came, around.rules)
    yield from fell("acceptance", now, _judged(before), enough)
    for name, column in (("source_refused", f"{asked.attribution}_source"), ("rep_refuses", "rep")):
        worst = weakest(by_column(everything(rows), column), _judged, enough)
        if worst is not None:
            judged, accepted = _judged(worst.rows)
            values: dict[str, Value] = {"who": worst.value, "share": accepted / judged, "of": judged}
            yield Remark(id=name, values=values, weight="warning")


_CHARTS = (
    Chart(id="verdicts", table="verdicts", form="bars", x="verdict", series=("leads",)),
    Chart(id="months", table="months", form="stacked", x="month", series=VERDICTS),
    Chart(id="reps", table="reps", form="stacked", x="rep", series=VERDICTS),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "mql_ms"})
