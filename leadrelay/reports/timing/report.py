"""Where the time goes between a lead's coming and its first contact: ours, the queue's, or people's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, Measure, by_column, by_month, everything, leads_of, number, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import mean, median, percentile, share
from leadrelay.reports.result import Chart, Column, Remark, Table

STEPS = ("fetch", "score", "route", "wait", "deliver", "contact")
"""Completing what came; scoring it; choosing an owner once one is needed; waiting in a queue for a rep; showing it in
the CRM; the owner's first contact."""

OURS = ("fetch", "score", "route", "deliver")
"""What a machine does."""

MOST = 0.5
"""A step that takes more than half of all the time is worth a word."""


class Row(NamedTuple):
    """A lead: how long each step took, in elapsed seconds; none where it did not come to it. A step that was over
    before it could begin (a lead shown in the CRM before it was given to anybody) is negative, and not counted."""

    lead_id: str
    captured_ms: int
    contacted_ms: int | None
    first_source: str | None
    last_source: str | None
    pool: str | None
    fetch_seconds: float | None
    score_seconds: float | None
    route_seconds: float | None
    wait_seconds: float | None
    deliver_seconds: float | None
    contact_seconds: float | None
    total_seconds: float | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Each step, and where most of the time goes."""
    whole, source = everything(rows), f"{asked.attribution}_source"
    by_step = tuple(_median(step) for step in (*STEPS, "total"))
    months = by_month(whole, REPORT.dated(asked.date_by)[0], asked)
    return Counted(
        numbers=tuple(number(one, rows, around.before) for one in (_MACHINE, _median("contact"), _median("total"))),
        tables=(
            _steps(whole),
            table("months", Column(id="month", kind="month"), months, by_step, whole),
            table(
                "sources", Column(id="source", kind="code", codes="source"), by_column(whole, source), by_step, whole
            ),
            table("pools", Column(id="pool", kind="code", codes="pool"), by_column(whole, "pool"), by_step, whole),
        ),
        charts=(
            Chart(id="steps", table="steps", form="bars", x="step", series=("median",)),
            Chart(id="months", table="months", form="stacked", x="month", series=STEPS),
        ),
        remarks=(*not_enough(leads_of(rows), around.rules), *_longest(rows, around)),
    )


def _taken(rows: Sequence[Row], step: str) -> list[float]:
    found = (getattr(row, f"{step}_seconds") for row in rows)
    return [float(seconds) for seconds in found if seconds is not None and seconds >= 0]


def _median(step: str) -> Measure[Row]:
    return Measure(
        step,
        "seconds",
        lambda rows: median(_taken(rows, step)),
        lambda rows: [row for row in rows if _taken([row], step)],
    )


def _machine(rows: Sequence[Row]) -> float | None:
    """What a machine does to a lead, of those to which all of it was done."""
    each = ([_taken([row], step) for step in OURS] for row in rows)
    return median([sum(taken[0] for taken in steps) for steps in each if all(steps)])


_MACHINE: Measure[Row] = Measure("machine", "seconds", _machine)


def _steps(whole: Group[Row]) -> Table:
    """One line for each step; its share is of all the time that leads spent in any."""
    spent = sum(sum(_taken(whole.rows, step)) for step in STEPS)
    made = [
        table("steps", Column(id="step", kind="code"), [_group(whole, step)], _of_step(step, spent)) for step in STEPS
    ]
    return made[0].with_(lines=tuple(one.lines[0] for one in made))


def _group(whole: Group[Row], step: str) -> Group[Row]:
    """Those that came through the step."""
    column = f"{step}_seconds"
    rows = [row for row in whole.rows if _taken([row], step)]
    return Group(step, whole.where(Condition(column=column, op="ge", value=0)), rows)


def _of_step(step: str, spent: float) -> tuple[Measure[Row], ...]:
    return (
        Measure("mean", "seconds", lambda rows: mean(_taken(rows, step))),
        Measure("median", "seconds", lambda rows: median(_taken(rows, step))),
        Measure("p90", "seconds", lambda rows: percentile(_taken(rows, step), 0.9)),
        Measure("share", "share", lambda rows: share(sum(_taken(rows, step)), spent)),
    )


def _longest(rows: Sequence[Row], around: Around) -> tuple[Remark, ...]:
    """The step in which most of the time goes by, where one has more than half of it."""
    if leads_of(rows) < around.rules.reports.enough:
        return ()
    spent = {step: sum(_taken(rows, step)) for step in STEPS}
    step = max(STEPS, key=lambda each: spent[each])
    part = share(spent[step], sum(spent.values()))
    return (Remark(id=f"longest_{step}", values={"share": part}),) if part is not None and part > MOST else ()


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "contacted_ms"})
