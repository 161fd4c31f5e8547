"""The tables of the funnel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, OfLead, by_month, leads_of
from leadrelay.reports.funnel.steps import Step, pairs_of, stage_of
from leadrelay.reports.measures import median, percentile, seconds_between, share
from leadrelay.reports.result import Column, Line, Table, Value
from leadrelay.reports.when import When

R = TypeVar("R", bound=OfLead)

VISITOR = "visitor"
CAPTURED = "captured_ms"


def stages(steps: Sequence[Step[R]], seen: Group[R] | None, told: int | None, leads: int, when: When) -> Table:
    """Visitors and every stage: who reached it (`leads`), who jumped over it, what part of the stage before came so far
    and how long that took. `seen` are the visitors whom we saw, `told` how many another tool counted."""
    visited = told if told is not None else None if seen is None else len(seen.rows)
    opens = None if told is not None or seen is None else seen.opens
    first = Line(values=(VISITOR, visited, 0, visited, None, None, None), opens=opens)
    before: list[tuple[str, int | None]] = [(CAPTURED, visited), *((step.column, step.passed) for step in steps)]
    lines = (_stage(step, *back, leads) for step, back in zip(steps, before[:-1], strict=True))
    return Table(id="stages", columns=_STAGES, lines=(first, *lines), counts="leads")


def _stage(step: Step[R], column: str, passed: int | None, leads: int) -> Line:
    times = _seconds(step.reached.rows, column, step.column)
    values = (
        step.stage,
        leads_of(step.reached.rows),
        step.skipped,
        step.passed,
        share(step.passed, passed or 0),
        share(step.passed, leads),
        median(times),
    )
    return Line(values=values, opens=step.reached.opens)


def stopped(steps: Sequence[Step[R]]) -> Table:
    """How many came to each stage and no further, so far, and what part of those who passed it they are."""
    lines = (
        Line(
            values=(step.stage, leads_of(step.stopped.rows), share(leads_of(step.stopped.rows), step.passed)),
            opens=step.stopped.opens,
        )
        for step in steps
    )
    columns = (_STAGE, Column(id="leads"), Column(id="share", kind="share"))
    return Table(id="stopped", columns=columns, lines=tuple(lines), counts="leads")


def between(people: Group[R], columns: Sequence[str], when: When) -> Table:
    """Each two stages: who reached both, what part of those who reached the first that is, and how long it took. By the
    days of what happened there is no such part: who came later may have stood at the first long before."""
    lines = (
        Line(values=(stage_of(one), stage_of(other), *_both(people, one, other, both, when)), opens=both.opens)
        for one, other, both in pairs_of(people, columns, when)
    )
    return Table(id="between", columns=_BETWEEN, lines=tuple(lines), counts="leads")


def _both(people: Group[R], one: str, other: str, both: Group[R], when: When) -> tuple[Value, ...]:
    of = len(When().rows(people.rows, one)) if when.since is None else None
    times = _seconds(both.rows, one, other)
    return (leads_of(both.rows), of, share(len(both.rows), of or 0), median(times), percentile(times, 0.9))


def months(people: Group[R], columns: Sequence[str], asked: Asked, when: When) -> Table:
    """Month by month: of those captured in it how many came to each stage so far; or how many did in that month."""
    captured = by_month(when.group(people, CAPTURED), CAPTURED, asked)
    reached = [list(_by_month(people, captured, column, asked, when)) for column in columns]
    lines = (
        Line(values=(month.value, leads_of(month.rows), *(counts[place] for counts in reached)), opens=month.opens)
        for place, month in enumerate(captured)
    )
    counts = (Column(id=stage_of(column)) for column in columns)
    return Table(id="months", columns=(_MONTH, Column(id="leads"), *counts), lines=tuple(lines), counts="leads")


def _by_month(people: Group[R], captured: Sequence[Group[R]], column: str, asked: Asked, when: When) -> Iterator[int]:
    if when.since is None:
        return (leads_of(when.rows(month.rows, column)) for month in captured)
    return (leads_of(month.rows) for month in by_month(when.group(people, column), column, asked))


def _seconds(rows: Sequence[R], one: str, other: str) -> list[float]:
    return seconds_between((getattr(row, one), getattr(row, other)) for row in rows)


_STAGE = Column(id="stage", kind="code", codes="stage")
_MONTH = Column(id="month", kind="month")
_STAGES = (
    _STAGE,
    Column(id="leads"),
    Column(id="skipped"),
    Column(id="passed"),
    Column(id="conversion", kind="share"),
    Column(id="of_leads", kind="share"),
    Column(id="seconds", kind="seconds"),
)
_BETWEEN = (
    Column(id="from", kind="code", codes="stage"),
    Column(id="to", kind="code", codes="stage"),
    Column(id="leads"),
    Column(id="of"),
    Column(id="conversion", kind="share"),
    Column(id="seconds", kind="seconds"),
    Column(id="seconds_p90", kind="seconds"),
)
