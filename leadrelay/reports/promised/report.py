"""What marketing promised sales, and what it brought: so many MQLs, each with what sales needs to begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, leads_of, same, such, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import fell, not_enough
from leadrelay.reports.measures import share
from leadrelay.reports.months import parts
from leadrelay.reports.promise import by_source, promised
from leadrelay.reports.result import Chart, Column, Line, Number, Remark, Table, Value


class Row(NamedTuple):
    """An MQL and one criterion of a hand-over that it did not meet (`lack`); one that is `complete` has one row.
    `accepted_ms` is when sales took it on, in words or by opening a deal."""

    lead_id: str
    captured_ms: int
    mql_ms: int
    complete: bool
    lack: str | None
    accepted_ms: int | None
    first_source: str | None
    last_source: str | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Promised and brought: in all, by month and by source; and what was missing."""
    whole = everything(rows)
    return Counted(
        numbers=tuple(_numbers(rows, asked, around)),
        tables=(_months(whole, asked, around), _sources(whole, asked, around), _criteria(whole, around)),
        charts=_CHARTS,
        remarks=tuple(_remarks(whole, asked, around)),
    )


def _complete(rows: Sequence[Row]) -> Through:
    return Through(leads_of(rows), leads_of([row for row in rows if row.complete]))


def _complete_share(rows: Sequence[Row]) -> float | None:
    mqls, complete = _complete(rows)
    return share(complete, mqls)


def _accepted_share(rows: Sequence[Row]) -> float | None:
    return share(leads_of([row for row in rows if row.accepted_ms is not None]), leads_of(rows))


_MEASURES = (
    Measure[Row]("complete_share", "share", _complete_share),
    Measure[Row]("accepted_share", "share", _accepted_share),
)


def _numbers(rows: Sequence[Row], asked: Asked, around: Around) -> Iterator[Number]:
    promise, then, mqls = around.rules.reports.promised, around.before, leads_of(rows)
    is_, was = promised(promise, asked, around.now), promised(promise, asked.before(), around.now)
    kept, kept_before = share(mqls, is_ or 0), share(leads_of(then), was or 0)
    yield Number(id="mqls", kind="count", value=mqls, of=mqls, before=leads_of(then))
    yield Number(id="delivered", kind="share", value=kept, of=mqls, before=kept_before)
    yield Number(id="complete", kind="share", value=_complete_share(rows), of=mqls, before=_complete_share(then))


def _months(whole: Group[Row], asked: Asked, around: Around) -> Table:
    column = "captured_ms" if asked.date_by == "capture" else "mql_ms"
    promise = around.rules.reports.promised
    months = list(parts(asked))
    groups = [_within(whole, column, part).named(month) for month, part in months]
    made = table("months", Column(id="month", kind="month"), groups, _MEASURES)
    return _with_promise(made, [promised(promise, part, around.now) for _, part in months])


def _within(whole: Group[Row], column: str, part: Asked) -> Group[Row]:
    since, until = part.span_ms()
    return such(whole, Condition(column=column, op="ge", value=since), Condition(column=column, op="lt", value=until))


def _sources(whole: Group[Row], asked: Asked, around: Around) -> Table:
    """Those that something is promised of have a line, also where they brought nobody."""
    column, told = f"{asked.attribution}_source", by_source(around.rules.reports.promised, asked, around.now)
    groups = by_column(whole, column)
    lonely = sorted(told.keys() - {group.value for group in groups})
    groups += [Group(name, whole.where(same(column, name)), []) for name in lonely]
    made = table("sources", Column(id="source", kind="code", codes="source"), groups, _MEASURES, whole)
    whole_promise = promised(around.rules.reports.promised, asked, around.now)
    return _with_promise(made, [told.get(str(group.value)) for group in groups], whole_promise)


def _with_promise(made: Table, promises: Sequence[float | None], of_all: float | None = None) -> Table:
    """With what was promised of each line, and what part of that was brought."""
    lines = (_kept(line, promise) for line, promise in zip(made.lines, promises, strict=True))
    total = None if made.total is None else _kept(made.total, of_all)
    columns = (*made.columns, Column(id="promised", kind="number"), Column(id="delivered", kind="share"))
    return made.with_(columns=columns, lines=tuple(lines), total=total)


def _kept(line: Line, promise: float | None) -> Line:
    brought = line.values[1]
    kept = share(brought, promise) if promise and isinstance(brought, int) else None
    return line.with_(values=(*line.values, promise, kept))


def _criteria(whole: Group[Row], around: Around) -> Table:
    """What hand-overs lacked, the criteria of sla.yaml first, in their order."""
    handover = around.rules.sla.handover
    named = [] if handover is None else [criterion.id for criterion in handover.criteria]
    others = sorted({row.lack for row in whole.rows if row.lack is not None} - set(named))
    groups = [such(whole, same("lack", name)).named(name) for name in (*named, *others)]
    part = Measure[Row]("share", "share", lambda rows: share(leads_of(rows), leads_of(whole.rows)))
    return table("criteria", Column(id="lack", kind="code", codes="criterion"), groups, (part,))


def _remarks(whole: Group[Row], asked: Asked, around: Around) -> Iterator[Remark]:
    promise, mqls = promised(around.rules.reports.promised, asked, around.now), leads_of(whole.rows)
    if promise is None:
        yield Remark(id="filtered" if asked.where else "no_promise")
    elif mqls < promise:
        yield Remark(id="behind", values={"mqls": mqls, "promised": round(promise)}, weight="warning")
    for name, told in by_source(around.rules.reports.promised, asked, around.now).items():
        brought = leads_of(such(whole, same(f"{asked.attribution}_source", name)).rows)
        if brought < told:
            values: dict[str, Value] = {"source": name, "mqls": brought, "promised": round(told)}
            yield Remark(id="source_behind", values=values, weight="warning")
    yield from not_enough(mqls, around.rules)
    enough = around.rules.reports.enough
    yield from fell("complete", _complete(whole.rows), _complete(around.before), enough)


_CHARTS = (
    Chart(id="months", table="months", form="bars", x="month", series=("leads", "promised")),
    Chart(id="sources", table="sources", form="bars", x="source", series=("leads", "promised")),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "mql_ms"})
