"""Why leads were given back, and deals lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import (
    Group,
    Measure,
    by_column,
    by_month,
    everything,
    leads_of,
    number,
    same,
    such,
    table,
)
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.earned import Earned, unrated
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import counts_differ, share
from leadrelay.reports.money import Rates
from leadrelay.reports.result import Chart, Column, Remark, Table, Value
from leadrelay.reports.when import When, as_old

KINDS = {"rejected": "rejections", "recycled": "returns", "deal": "deals"}
"""What can be lost, and the table of its reasons."""


class Row(NamedTuple):
    """A loss: a lead that was given back for good (`rejected`) or as too early (`recycled`), first at that time and
    last for that reason; or a `deal` that was lost."""

    lead_id: str
    captured_ms: int
    kind: str
    at_ms: int
    reason: str | None
    amount: int | None
    currency: str | None
    rep: str | None
    pool: str | None
    first_source: str | None
    last_source: str | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Reasons of each kind of loss, and who had them."""
    earned, whole = Earned(Rates(around.inputs.rates), asked, When()), everything(rows)
    before = [row for row in as_old(around.before, asked, around.now) if row.at_ms is not None]
    kinds = {kind: such(whole, same("kind", kind)) for kind in KINDS}
    return Counted(
        numbers=tuple(number(one, rows, before) for one in _NUMBERS),
        tables=(*(_reasons(kind, kinds[kind], earned) for kind in KINDS), *_tables(whole, asked)),
        charts=_CHARTS,
        remarks=(*unrated(asked.currency, earned.worth(rows, "at_ms")), *_remarks(kinds, before, around)),
    )


def _lost(rows: Sequence[Row], kind: str) -> int:
    return sum(row.kind == kind for row in rows)


_NUMBERS = (
    Measure[Row]("rejected", "count", partial(_lost, kind="rejected")),
    Measure[Row]("deals_lost", "count", partial(_lost, kind="deal")),
    Measure[Row]("unsaid", "share", lambda rows: share(sum(row.reason is None for row in rows), len(rows))),
)


def _reasons(kind: str, group: Group[Row], earned: Earned) -> Table:
    """The most frequent first, those without a reason last."""
    measures = [
        Measure[Row]("losses", "count", len),
        Measure[Row]("share", "share", lambda rows: share(len(rows), len(group.rows))),
    ]
    if kind == "deal":
        measures.append(Measure("amount", "money", lambda rows: earned.worth(rows, "at_ms").sum))
    first = Column(id="reason", kind="code", codes="reason")
    return table(KINDS[kind], first, by_column(group, "reason"), measures, group)


def _tables(whole: Group[Row], asked: Asked) -> Iterator[Table]:
    measures = tuple(Measure[Row](kind, "count", partial(_lost, kind=kind)) for kind in KINDS)
    month = "captured_ms" if asked.date_by == "capture" else "at_ms"
    yield table("months", Column(id="month", kind="month"), by_month(whole, month, asked), measures)
    for name, column in {"source": f"{asked.attribution}_source", "rep": "rep", "pool": "pool"}.items():
        yield table(f"{name}s", Column(id=name, kind="code", codes=name), by_column(whole, column), measures, whole)


def _remarks(kinds: dict[str, Group[Row]], then: Sequence[Row], around: Around) -> Iterator[Remark]:
    """The most frequent reason of each kind, and what is lost more often than before."""
    enough = around.rules.reports.enough
    yield from not_enough(leads_of([row for group in kinds.values() for row in group.rows]), around.rules)
    for kind, group in kinds.items():
        reasons = [one for one in by_column(group, "reason") if one.value is not None]
        if reasons and len(group.rows) >= enough:
            values: dict[str, Value] = {"reason": reasons[0].value, "share": len(reasons[0].rows) / len(group.rows)}
            yield Remark(id=f"most_{kind}", values=values)
        now, before = len(group.rows), _lost(then, kind)
        if before >= enough and now > before and counts_differ(now, before):
            yield Remark(id=f"more_{kind}", values={"now": now, "before": before}, weight="warning")


_CHARTS = (
    Chart(id="rejections", table="rejections", form="bars", x="reason", series=("losses",)),
    Chart(id="deals", table="deals", form="bars", x="reason", series=("amount",)),
    Chart(id="months", table="months", form="stacked", x="month", series=tuple(KINDS)),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "at_ms"})
