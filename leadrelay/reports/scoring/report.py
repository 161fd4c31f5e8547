"""Whether a higher score means a better lead: what became of each band, and what the score told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.asked import Asked
from leadrelay.reports.bands import by_band
from leadrelay.reports.breakdown import Group, Measure, everything, known_in, leads_of, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import mean, median, seconds_between, share
from leadrelay.reports.result import Chart, Column, Line, Number, Remark, Table, Value
from leadrelay.reports.scoring.judged import Band, correlation, inversions, rising, tells_something
from leadrelay.reports.scoring.row import Row
from leadrelay.reports.scoring.worth import Worth

OUTCOMES = ("sql", "opportunity", "won")
DAY = 86_400
COUNTED_BY = "sql"
"""The outcome that calibration is of: the first judgement by a person, of which there are most."""


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Bands with what became of them, and how well the score told it."""
    policy, whole = around.rules.reports, everything(rows)
    scored = known_in(whole, "score")
    worth = Worth(rows, asked, around.inputs)
    bands = by_band(whole, "score", policy)
    return Counted(
        numbers=tuple(_number(outcome, scored.rows, around.before) for outcome in OUTCOMES),
        tables=(
            table("bands", Column(id="band", kind="text"), bands, _measures(worth), whole),
            _calibration(bands),
            _outcomes(scored),
        ),
        charts=(
            Chart(id="bands", table="bands", form="bars", x="band", series=tuple(f"{each}_share" for each in OUTCOMES)),
            Chart(id="calibration", table="calibration", form="line", x="band", series=("actual", "expected")),
        ),
        remarks=(
            *not_enough(leads_of(scored.rows), around.rules),
            *_inverted(bands, policy),
            *_silent(scored.rows, policy),
            *worth.left_out(),
        ),
    )


def _happened(rows: Sequence[Row], outcome: str) -> list[bool]:
    return [getattr(row, f"{outcome}_ms") is not None for row in rows]


def _correlation(rows: Sequence[Row], outcome: str) -> float | None:
    known = [row for row in rows if row.score is not None]
    return correlation([row.score or 0 for row in known], _happened(known, outcome))


def _number(outcome: str, rows: Sequence[Row], before: Sequence[Row]) -> Number:
    value, was = _correlation(rows, outcome), _correlation(before, outcome)
    return Number(id=f"correlation_{outcome}", kind="number", value=value, of=leads_of(rows), before=was)


def _converted(outcome: str) -> Callable[[Sequence[Row]], Value]:
    return lambda rows: share(sum(_happened(rows, outcome)), len(rows))


def _days_until(outcome: str) -> Callable[[Sequence[Row]], Value]:
    def days(rows: Sequence[Row]) -> Value:
        waited = median(seconds_between((row.captured_ms, getattr(row, f"{outcome}_ms")) for row in rows))
        return None if waited is None else waited / DAY

    return days


def _measures(worth: Worth) -> tuple[Measure[Row], ...]:
    return (
        *(Measure(f"{outcome}_share", "share", _converted(outcome)) for outcome in OUTCOMES),
        *(Measure(f"{outcome}_days", "days", _days_until(outcome)) for outcome in ("sql", "won")),
        Measure("revenue", "money", worth.revenue),
        Measure("cost", "money", worth.spent),
        Measure("roi", "share", worth.gain),
    )


def _bands(groups: Sequence[Group[Row]], outcome: str) -> list[Band]:
    """Those that have leads."""
    named = [group for group in groups if group.value is not None and group.rows]
    return [Band(str(group.value), len(group.rows), sum(_happened(group.rows, outcome))) for group in named]


def _calibration(groups: Sequence[Group[Row]]) -> Table:
    """What each band did against what it would if the score sorted leads right."""
    bands = _bands(groups, COUNTED_BY)
    expected = dict(zip([band.name for band in bands], rising(bands), strict=True))

    def gap(rows: Sequence[Row], name: str) -> Value:
        actual = share(sum(_happened(rows, COUNTED_BY)), len(rows))
        return None if actual is None else actual - expected[name]

    named = [(str(group.value), group) for group in groups if group.value is not None]
    return Table(
        id="calibration",
        columns=(
            Column(id="band", kind="text"),
            Column(id="leads"),
            *(Column(id=each, kind="share") for each in ("actual", "expected", "gap")),
        ),
        lines=tuple(
            Line(
                values=(
                    name,
                    len(group.rows),
                    _converted(COUNTED_BY)(group.rows),
                    expected.get(name),
                    gap(group.rows, name),
                ),
                opens=group.opens,
            )
            for name, group in named
        ),
        counts="leads",
    )


def _outcomes(scored: Group[Row]) -> Table:
    """The correlation of the score with each outcome, and the mean score of both sides."""
    lines = (_outcome(scored, outcome) for outcome in OUTCOMES)
    columns = (
        Column(id="outcome", kind="code", codes="outcome"),
        Column(id="leads"),
        Column(id="correlation", kind="number"),
        Column(id="score_with", kind="score"),
        Column(id="score_without", kind="score"),
    )
    return Table(id="outcomes", columns=columns, lines=tuple(lines), counts="leads")


def _outcome(scored: Group[Row], outcome: str) -> Line:
    with_, without = (known_in(scored, f"{outcome}_ms", op).rows for op in ("known", "missing"))
    scores = [mean([row.score or 0 for row in rows]) for rows in (with_, without)]
    opens = known_in(scored, f"{outcome}_ms").opens
    return Line(values=(outcome, len(with_), _correlation(scored.rows, outcome), *scores), opens=opens)


def _inverted(groups: Sequence[Group[Row]], policy: ReportsPolicy) -> tuple[Remark, ...]:
    """Of each outcome the clearest case of a lower band that converts better."""
    found = ((outcome, inversions(_bands(groups, outcome), policy.enough)) for outcome in OUTCOMES)
    return tuple(
        Remark(
            id="inverted",
            values={
                "outcome": outcome,
                "low": worst[0].low.name,
                "high": worst[0].high.name,
                "low_share": worst[0].low.rate,
                "high_share": worst[0].high.rate,
            },
            weight="warning",
        )
        for outcome, worst in found
        if worst
    )


def _silent(rows: Sequence[Row], policy: ReportsPolicy) -> tuple[Remark, ...]:
    """That the score tells nothing of who becomes SQL, or the contrary of what it should."""
    found = _correlation(rows, COUNTED_BY)
    if len(rows) < policy.enough or found is None:
        return ()
    if not tells_something(found, len(rows)):
        return (Remark(id="silent", values={"correlation": found}, weight="warning"),)
    return (Remark(id="contrary", values={"correlation": found}, weight="warning"),) if found < 0 else ()


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "judged_ms"})
