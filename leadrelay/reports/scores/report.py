"""How high leads score when they come and now, how scores are spread, and whether they drift from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.asked import Asked
from leadrelay.reports.bands import by_band, edges_of
from leadrelay.reports.breakdown import Group, Measure, by_column, by_month, everything, leads_of, number, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import known, mean, median, percentile, share
from leadrelay.reports.result import Chart, Column, Remark, Table, Value
from leadrelay.reports.scores.drift import MOVED, means_differ, stability


class Row(NamedTuple):
    """A lead: the score that it had first, and what it has now with both of its halves; 0 to 100."""

    lead_id: str
    captured_ms: int
    mql_ms: int | None
    first_score: int | None
    score: int | None
    fit: int | None
    engagement: int | None
    first_source: str | None
    last_source: str | None
    segment: str | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Means, how scores are spread, and by month."""
    whole, policy = everything(rows), around.rules.reports
    best = edges_of(policy)[-1]
    high: Measure[Row] = Measure("high_share", "share", lambda found: _above(found, best))
    months = by_month(whole, REPORT.dated(asked.date_by)[0], asked)
    source = f"{asked.attribution}_source"
    return Counted(
        numbers=tuple(number(one, rows, around.before) for one in (_MEAN, _FIRST, high)),
        tables=(
            _spread(whole, policy),
            _months(months, (*_BY, high), whole, policy),
            table("sources", Column(id="source", kind="code", codes="source"), by_column(whole, source), _BY, whole),
            table(
                "segments", Column(id="segment", kind="code", codes="segment"), by_column(whole, "segment"), _BY, whole
            ),
        ),
        charts=(
            Chart(id="spread", table="spread", form="bars", x="band", series=("first", "leads")),
            Chart(id="months", table="months", form="line", x="month", series=("first_mean", "first_median")),
        ),
        remarks=(
            *not_enough(leads_of(rows), around.rules),
            *_drifted(rows, around),
            *_moved(months, policy),
        ),
    )


def _scores(rows: Sequence[Row], column: str) -> list[int]:
    return known(getattr(row, column) for row in rows)


def _mean_of(name: str, column: str) -> Measure[Row]:
    return Measure(name, "score", lambda rows: mean(_scores(rows, column)))


_MEAN = _mean_of("mean", "score")
_FIRST = _mean_of("first_mean", "first_score")
_BY: tuple[Measure[Row], ...] = (
    _FIRST,
    Measure("first_median", "score", lambda rows: median(_scores(rows, "first_score"))),
    Measure("first_p90", "score", lambda rows: percentile(_scores(rows, "first_score"), 0.9)),
    _MEAN,
    _mean_of("fit", "fit"),
    _mean_of("engagement", "engagement"),
)


def _above(rows: Sequence[Row], edge: int) -> float | None:
    found = _scores(rows, "score")
    return share(sum(score >= edge for score in found), len(found))


def _spread(whole: Group[Row], policy: ReportsPolicy) -> Table:
    """How many have such a score now, and how many had it first."""
    shares: Measure[Row] = Measure("share", "share", lambda rows: share(len(rows), len(whole.rows)))
    made = table("spread", Column(id="band", kind="text"), by_band(whole, "score", policy), (shares,))
    first = {group.value: len(group.rows) for group in by_band(whole, "first_score", policy)}
    lines = (line.with_(values=(*line.values, first.get(line.values[0], 0))) for line in made.lines)
    return made.with_(columns=(*made.columns, Column(id="first")), lines=tuple(lines))


def _months(
    months: Sequence[Group[Row]], measures: Sequence[Measure[Row]], whole: Group[Row], policy: ReportsPolicy
) -> Table:
    """By month, with how far the distribution of first scores moved from the month before."""
    made = table("months", Column(id="month", kind="month"), months, measures, whole)
    moved: list[Value] = [None, *_steps(months, policy)]
    lines = (line.with_(values=(*line.values, step)) for line, step in zip(made.lines, moved, strict=True))
    total = None if made.total is None else made.total.with_(values=(*made.total.values, None))
    return made.with_(columns=(*made.columns, Column(id="moved", kind="number")), lines=tuple(lines), total=total)


def _steps(months: Sequence[Group[Row]], policy: ReportsPolicy) -> list[float | None]:
    """The stability index of each month against the one before, where both have enough leads."""
    bands = [[len(group.rows) for group in by_band(month, "first_score", policy) if group.value] for month in months]
    return [
        stability(now, before) if min(sum(now), sum(before)) >= policy.enough else None
        for before, now in pairwise(bands)
    ]


def _moved(months: Sequence[Group[Row]], policy: ReportsPolicy) -> tuple[Remark, ...]:
    """The month in which the distribution moved most, where it did."""
    steps = zip(months[1:], _steps(months, policy), strict=True)
    found = [(step, month.value) for month, step in steps if step is not None and step > MOVED]
    if not found:
        return ()
    step, month = max(found, key=lambda one: one[0])
    return (Remark(id="moved", values={"month": month, "index": step}, weight="warning"),)


def _drifted(rows: Sequence[Row], around: Around) -> tuple[Remark, ...]:
    """Leads score otherwise when they come: other people come, or the rules of scoring are others."""
    now, before = _scores(rows, "first_score"), _scores(around.before, "first_score")
    if min(len(now), len(before)) < around.rules.reports.enough or not means_differ(now, before):
        return ()
    is_, was = mean(now), mean(before)
    fell = is_ is not None and was is not None and is_ < was
    remark = Remark(id="fell" if fell else "rose", values={"was": was, "now": is_})
    return (remark.with_(weight="warning") if fell else remark,)


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "mql_ms"})
