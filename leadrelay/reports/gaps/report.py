"""What senders list against what they delivered, by source, form and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, table, without_leads
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import weakest
from leadrelay.reports.measures import share
from leadrelay.reports.result import Chart, Column, Number, Remark


class Row(NamedTuple):
    """A form of a source on one day (UTC; `noon_ms` is its noon, which lies in the same day nearly everywhere).
    `theirs` is how many the sender lists, `ours` how many came by themselves, `found` how many only the list brought,
    `gone` how many it lists no more. It is about no lead: the list is counted, not who is on it."""

    lead_id: str | None
    noon_ms: int
    day: str
    source: str
    form: str | None
    theirs: int
    ours: int
    found: int
    gone: int


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """How many a sender did not deliver."""
    whole = everything(rows)
    sources = by_column(whole, "source")
    days = sorted(by_column(whole, "day"), key=lambda group: str(group.value))
    return Counted(
        numbers=tuple(_number(one, rows, around.before) for one in (_FOUND, _MISSED)),
        tables=tuple(
            without_leads(table(name, first, groups, _BY, whole))
            for name, first, groups in (
                ("sources", Column(id="source", kind="code", codes="source"), sources),
                ("forms", Column(id="form", kind="code", codes="form"), by_column(whole, "form")),
                ("days", Column(id="day", kind="day"), days),
            )
        ),
        charts=(Chart(id="days", table="days", form="stacked", x="day", series=("ours", "found")),),
        remarks=(*_missing(rows), *_weakest(sources, around.rules.reports.enough)),
    )


def _sum(name: str) -> Measure[Row]:
    return Measure(name, "count", lambda rows: sum(getattr(row, name) for row in rows))


def _came(rows: Sequence[Row]) -> Through:
    """All that were ever listed, and those that came by themselves."""
    ours = sum(row.ours for row in rows)
    return Through(ours + sum(row.found for row in rows), ours)


def _missed(rows: Sequence[Row]) -> float | None:
    listed = _came(rows)
    return share(listed.came - listed.out, listed.came)


_FOUND = _sum("found")
_MISSED: Measure[Row] = Measure("missed", "share", _missed)
_BY: tuple[Measure[Row], ...] = (_sum("theirs"), _sum("ours"), _FOUND, _sum("gone"), _MISSED)


def _number(measure: Measure[Row], rows: Sequence[Row], before: Sequence[Row]) -> Number:
    """It rests on all that were listed."""
    of, was = _came(rows).came, measure.of(before) if before else None
    return Number(id=measure.id, kind=measure.kind, value=measure.of(rows), of=of, before=was)


def _missing(rows: Sequence[Row]) -> tuple[Remark, ...]:
    listed = _came(rows)
    found = listed.came - listed.out
    values = {"found": found, "listed": listed.came}
    return (Remark(id="missing", values=dict(values), weight="warning"),) if found else ()


def _weakest(sources: Sequence[Group[Row]], enough: int) -> tuple[Remark, ...]:
    found = weakest(sources, _came, enough)
    if found is None:
        return ()
    values = {"source": found.value, "missed": _missed(found.rows)}
    return (Remark(id="weakest_source", values=values, weight="warning"),)


REPORT: Definition[Row] = Definition(
    row=Row, count=count, dates={"capture": "noon_ms", "activity": "noon_ms"}, filters=("source", "form")
)
