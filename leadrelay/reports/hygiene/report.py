"""What is missing of leads that somebody works: a status, a reason, a next step, an owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, leads_of, number, such, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough, weakest
from leadrelay.reports.measures import share
from leadrelay.reports.result import Chart, Column, Line, Remark, Table, Value


class Row(NamedTuple):
    """A lead. `open`: a rep has it, and it was neither given back nor let go, nor did it buy. `deal_lost`: its deals
    were lost, none was won."""

    lead_id: str
    captured_ms: int
    rep_ms: int | None
    contacted_ms: int | None
    status: str | None
    open: bool
    given_back: bool
    reason: str | None
    deal_lost: bool
    lost_reason: str | None
    needed_ms: int | None
    assigned_ms: int | None
    next_step: str | None
    next_step_due_ms: int | None
    rep: str | None
    pool: str | None
    first_source: str | None
    last_source: str | None


class Lack(NamedTuple):
    """Something that can be missing: of which rows it is expected, and by what is seen that it is missing."""

    of: tuple[Condition, ...]
    missing: tuple[Condition, ...]


def _is(column: str) -> Condition:
    return Condition(column=column, value=True)


def lacks(first_status: str, now: datetime) -> Mapping[str, Lack]:
    """What is expected: of who was called, another status than the first; of what was given back or lost, a reason; of
    what is open, a next step that is not overdue; of who needs an owner, one."""
    called, overdue = Condition(column="contacted_ms", op="known"), int(now.timestamp() * 1000)
    return {
        "status": Lack((_is("open"), called), (Condition(column="status", value=first_status),)),
        "reason": Lack((_is("given_back"),), (Condition(column="reason", op="missing"),)),
        "lost_reason": Lack((_is("deal_lost"),), (Condition(column="lost_reason", op="missing"),)),
        "next_step": Lack((_is("open"),), (Condition(column="next_step", op="missing"),)),
        "overdue": Lack((_is("open"),), (Condition(column="next_step_due_ms", op="lt", value=overdue),)),
        "owner": Lack((Condition(column="needed_ms", op="known"),), (Condition(column="assigned_ms", op="missing"),)),
    }


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """What is missing, of how many, and with whom."""
    expected = lacks(around.rules.stages.statuses[0], around.now)
    whole = everything(rows)
    shares = [_share(name, expected[name]) for name in ("status", "reason", "next_step")]
    measures = tuple(_missing(name, lack) for name, lack in expected.items())
    return Counted(
        numbers=tuple(number(one, rows, around.before) for one in shares),
        tables=(_lacks(whole, expected), *_tables(whole, asked, measures)),
        charts=_CHARTS,
        remarks=tuple(_remarks(rows, expected, around)),
    )


def _part(rows: Sequence[Row], lack: Lack) -> tuple[Group[Row], Group[Row]]:
    """Of whom it is expected, and of whom it is missing."""
    of = such(everything(rows), *lack.of)
    return of, such(of, *lack.missing)


def _share(name: str, lack: Lack) -> Measure[Row]:
    def of(rows: Sequence[Row]) -> float | None:
        expected, missing = _part(rows, lack)
        return share(leads_of(missing.rows), leads_of(expected.rows))

    return Measure(f"no_{name}", "share", of, lambda rows: _part(rows, lack)[0].rows)


def _missing(name: str, lack: Lack) -> Measure[Row]:
    return Measure(name, "count", lambda rows: leads_of(_part(rows, lack)[1].rows))


def _lacks(whole: Group[Row], expected: Mapping[str, Lack]) -> Table:
    lines = []
    for name, lack in expected.items():
        of, missing = _part(whole.rows, lack)
        leads, out_of = leads_of(missing.rows), leads_of(of.rows)
        lines.append(Line(values=(name, leads, out_of, share(leads, out_of)), opens=missing.opens))
    return Table(id="lacks", columns=_LACKS, lines=tuple(lines), counts="leads")


def _tables(whole: Group[Row], asked: Asked, measures: Sequence[Measure[Row]]) -> Iterator[Table]:
    for name, column in {"rep": "rep", "pool": "pool", "source": f"{asked.attribution}_source"}.items():
        yield table(f"{name}s", Column(id=name, kind="code", codes=name), by_column(whole, column), measures, whole)


def _remarks(rows: Sequence[Row], expected: Mapping[str, Lack], around: Around) -> Iterator[Remark]:
    """Who leaves the most out; all of it is handling."""
    yield from not_enough(leads_of(rows), around.rules)
    for name, lack in expected.items():
        worst = weakest(by_column(everything(rows), "rep"), partial(_done, lack=lack), around.rules.reports.enough)
        if worst is not None:
            of, done = _done(worst.rows, lack)
            values: dict[str, Value] = {"rep": worst.value, "missing": of - done, "of": of}
            yield Remark(id=f"rep_{name}", values=values, weight="warning")


def _done(rows: Sequence[Row], lack: Lack) -> Through:
    of, missing = _part(rows, lack)
    return Through(leads_of(of.rows), leads_of(of.rows) - leads_of(missing.rows))


_LACKS = (
    Column(id="lack", kind="code", codes="lack"),
    Column(id="leads"),
    Column(id="of"),
    Column(id="share", kind="share"),
)
_CHARTS = (
    Chart(id="lacks", table="lacks", form="bars", x="lack", series=("leads",)),
    Chart(id="reps", table="reps", form="stacked", x="rep", series=("status", "reason", "next_step", "overdue")),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "rep_ms"})
