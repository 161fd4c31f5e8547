"""From visitor to customer: how many came through each stage, how long it took, and where most are lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, everything
from leadrelay.reports.change import Through, cause
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.funnel import tables, visitors
from leadrelay.reports.funnel.steps import Step, steps_of
from leadrelay.reports.measures import median, seconds_between, share
from leadrelay.reports.result import Chart, Number, Remark, Value
from leadrelay.reports.when import When, as_old


class Row(NamedTuple):
    """A lead, or a visitor who is not `known`: never said who they are. And when each stage was reached first."""

    lead_id: str
    known: bool
    captured_ms: int
    subscriber_ms: int | None
    lead_ms: int | None
    mql_ms: int | None
    sal_ms: int | None
    sql_ms: int | None
    opportunity_ms: int | None
    customer_ms: int | None
    evangelist_ms: int | None


_STAGES = tuple(name for name in Row._fields if name.endswith("_ms") and name != "captured_ms")


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """The stages one after the other, each pair of them, and month by month."""
    when, whole = When.of(asked), everything(rows)
    columns = _lifecycle(around.rules)
    steps = steps_of(whole, columns, when)
    now = _Came.of(rows, around.rules, when)
    seen = when.group(whole, "captured_ms") if visitors.are_seen(asked) else None
    told = visitors.told(around.inputs.visits, asked)
    before = _Came.of(as_old(around.before, asked, around.now), around.rules, When.of(asked.before()))
    found = (
        tables.stages(steps, seen, told, now.leads, when),
        tables.stopped(steps),
        tables.between(whole, columns, when),
        tables.months(_people(whole), columns, asked, when),
    )
    return Counted(
        leads=now.leads,
        numbers=_numbers(now, before),
        tables=found if asked.date_by == "capture" else (found[0], *found[2:]),
        charts=_CHARTS,
        remarks=(*_remarks(steps, now, before, asked, around), *_told(told, now)),
    )


class _Came(NamedTuple):
    """How many came, and how many of them became customers; `seconds` it took."""

    leads: int
    through: dict[str, int]
    won: str
    seconds: float | None

    @classmethod
    def of(cls, rows: Sequence[Row], rules: Rules, when: When) -> _Came:
        people = [row for row in rows if row.known]
        through = {column: len(when.rows(people, column)) for column in _lifecycle(rules)}
        won = next((f"{rule.id}_ms" for rule in rules.stages.lifecycle if rule.deal == "won"), "customer_ms")
        customers = when.rows(people, won)
        times = seconds_between((row.captured_ms, getattr(row, won)) for row in customers)
        return cls(len(when.rows(people, "captured_ms")), through, won, median(times))

    @property
    def conversion(self) -> float | None:
        return share(self.through.get(self.won, 0), self.leads)


def _people(whole: Group[Row]) -> Group[Row]:
    return Group(None, whole.where(Condition(column="known", value=True)), [row for row in whole.rows if row.known])


def _lifecycle(rules: Rules) -> tuple[str, ...]:
    """The columns of the stages, in the order of the rules; a stage of a name of one's own has none."""
    return tuple(f"{rule.id}_ms" for rule in rules.stages.lifecycle if f"{rule.id}_ms" in _STAGES)


def _numbers(now: _Came, before: _Came) -> tuple[Number, ...]:
    return (
        Number(id="leads", kind="count", value=now.leads, of=now.leads, before=before.leads),
        Number(id="conversion", kind="share", value=now.conversion, of=now.leads, before=before.conversion),
        Number(
            id="seconds_to_customer",
            kind="seconds",
            value=now.seconds,
            of=now.through.get(now.won, 0),
            before=before.seconds,
        ),
    )


def _remarks(steps: Sequence[Step[Row]], now: _Came, before: _Came, asked: Asked, around: Around) -> Iterator[Remark]:
    enough = around.rules.reports.enough
    if now.leads < enough:
        yield Remark(id="not_enough", values={"leads": now.leads, "enough": enough})
        return
    if asked.date_by == "capture":
        yield from _leak(steps, now.won, enough)
    if before.leads >= enough:
        yield from _fewer(now, before)


def _leak(steps: Sequence[Step[Row]], won: str, enough: int) -> Iterator[Remark]:
    """The step on the way to a customer that the smallest part of the leads gets through."""
    end = next((place for place, step in enumerate(steps) if step.column == won), 0)
    ways = [(step, then) for step, then in pairwise(steps[: end + 1]) if step.passed >= enough]
    if not ways:
        return
    step, then = min(ways, key=lambda way: way[1].passed / way[0].passed)
    values: dict[str, Value] = {
        "stage": step.stage,
        "next": then.stage,
        "share": then.passed / step.passed,
        "lost": step.passed - then.passed,
    }
    yield Remark(id="leak", values=values, weight="warning")


def _fewer(now: _Came, before: _Came) -> Iterator[Remark]:
    """Stages that fewer leads reached than in the time before, and why."""
    for column, reached in now.through.items():
        why = cause(Through(now.leads, reached), Through(before.leads, before.through[column]))
        if why is not None:
            stage = column.removesuffix("_ms")
            values: dict[str, Value] = {"stage": stage, "now": reached, "before": before.through[column]}
            yield Remark(id=f"fewer_{why}", values=values, weight="warning")


def _told(told: int | None, now: _Came) -> Iterator[Remark]:
    """Another tool saw fewer visitors than became leads: its count cannot be of the same days or sites."""
    if told is not None:
        yield Remark(id="visitors_told")
        if told < now.leads:
            yield Remark(id="visitors_fewer", values={"visitors": told, "leads": now.leads}, weight="warning")


_CHARTS = (
    Chart(id="stages", table="stages", form="funnel", x="stage", series=("passed",)),
    Chart(id="between", table="between", form="heat", x="to", by="from", series=("conversion",)),
    Chart(id="months", table="months", form="line", x="month", series=("leads", "mql", "sql", "customer")),
)

REPORT: Definition[Row] = Definition(
    row=Row, count=count, dates={"capture": "captured_ms", "activity": ("captured_ms", *_STAGES)}
)
