"""The review of a month: what marketing and sales promised each other, side by side.

Marketing promises so many MQLs, and that each has what sales needs to begin; sales promises how fast and how often they
reach out, and to say what becomes of every lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, leads_of, same, such, table
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import fell, not_enough, weakest
from leadrelay.reports.measures import share
from leadrelay.reports.months import months
from leadrelay.reports.promise import promised
from leadrelay.reports.result import Chart, Column, Number, Remark, Table, Value
from leadrelay.reports.when import When

MARKETING, SALES = "marketing", "sales"
HANDOVER, FIRST = "handover", "first_contact"
PROMISES = (HANDOVER, FIRST, "lead", "acceptance", "attempts", "follow_up", "disposition", "stage")


class Row(NamedTuple):
    """A promise about a lead: an MQL that was handed over as promised (`kept`), or a clock that was met in time. `kept`
    is none while it runs (`open`), and where it ended before anybody could be late."""

    lead_id: str
    captured_ms: int
    at_ms: int
    side: str
    promise: str
    kept: bool | None
    open: bool
    rep: str | None
    pool: str | None
    first_source: str | None
    last_source: str | None


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Every promise of both sides; month by month, and by whose it was."""
    whole = everything(rows)
    marketing, sales = (such(whole, same("side", side)) for side in (MARKETING, SALES))
    source = Column(id="source", kind="code", codes="source")
    rep, pool = Column(id="rep", kind="code", codes="rep"), Column(id="pool", kind="code", codes="pool")
    return Counted(
        numbers=tuple(_numbers(rows, asked, around)),
        tables=(
            _promises(whole),
            months(whole, asked, _monthly, "at_ms"),
            table("sources", source, by_column(marketing, f"{asked.attribution}_source"), _BY, marketing),
            table("reps", rep, by_column(sales, "rep"), _BY, sales),
            table("pools", pool, by_column(sales, "pool"), _BY, sales),
        ),
        charts=_CHARTS,
        remarks=tuple(_remarks(marketing, sales, asked, around)),
    )


def _settled(rows: Sequence[Row]) -> Through:
    """Promises that were kept or broken, and those that were kept."""
    told = _told(rows)
    return Through(len(told), sum(row.kept is True for row in told))


def _told(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.kept is not None]


def _kept(rows: Sequence[Row]) -> float | None:
    settled = _settled(rows)
    return share(settled.out, settled.came)


def _of(rows: Sequence[Row], promise: str) -> list[Row]:
    return [row for row in rows if row.promise == promise]


_KEPT = Measure[Row]("kept_share", "share", _kept)
_BY = (
    Measure[Row]("kept", "count", lambda rows: _settled(rows).out),
    Measure[Row]("broken", "count", lambda rows: _settled(rows).came - _settled(rows).out),
    Measure[Row]("open", "count", lambda rows: sum(row.open for row in rows)),
    _KEPT,
)


def _numbers(rows: Sequence[Row], asked: Asked, around: Around) -> Iterator[Number]:
    then, before = around.before, asked.before()
    now_kept, then_kept = _delivered(rows, asked, around), _delivered(then, before, around)
    yield Number(id="delivered", kind="share", value=now_kept, of=leads_of(_of(rows, HANDOVER)), before=then_kept)
    for name, promise in (("handover_kept", HANDOVER), ("first_kept", FIRST)):
        now, was = _of(rows, promise), _of(then, promise)
        yield Number(id=name, kind="share", value=_kept(now), of=leads_of(_told(now)), before=_kept(was))


def _delivered(rows: Sequence[Row], asked: Asked, around: Around) -> float | None:
    """MQLs, of those that were promised."""
    promise = promised(around.rules.reports.promised, asked, around.now)
    return share(leads_of(_of(rows, HANDOVER)), promise or 0)


def _promises(whole: Group[Row]) -> Table:
    """Marketing's first, then those of sales in the order of a lead's way."""
    groups = [such(whole, same("promise", promise)).named(promise) for promise in PROMISES]
    side = Measure[Row]("side", "code", lambda rows: rows[0].side if rows else None)
    return table("promises", Column(id="promise", kind="code"), [one for one in groups if one.rows], (side, *_BY))


def _monthly(part: Asked) -> Sequence[Measure[Row]]:
    return [_share(promise, When.of(part)) for promise in PROMISES]


def _share(promise: str, when: When) -> Measure[Row]:
    return Measure(promise, "share", lambda rows: _kept(_of(when.rows(rows, "at_ms"), promise)))


def _remarks(marketing: Group[Row], sales: Group[Row], asked: Asked, around: Around) -> Iterator[Remark]:
    enough, promise = around.rules.reports.enough, promised(around.rules.reports.promised, asked, around.now)
    mqls = leads_of(marketing.rows)
    if promise is not None and mqls < promise:
        yield Remark(id="behind", values={"mqls": mqls, "promised": round(promise)}, weight="warning")
    yield from not_enough(mqls, around.rules)
    for side, group in ((MARKETING, marketing), (SALES, sales)):
        before = _settled([row for row in around.before if row.side == side])
        yield from fell(f"{side}_kept", _settled(group.rows), before, enough)
    worst = weakest(by_column(sales, "promise"), _settled, enough)
    if worst is not None:
        values: dict[str, Value] = {"promise": worst.value, "share": _kept(worst.rows)}
        yield Remark(id="worst_promise", values=values, weight="warning")


_CHARTS = (
    Chart(id="promises", table="promises", form="bars", x="promise", series=("kept_share",)),
    Chart(id="months", table="months", form="line", x="month", series=(HANDOVER, FIRST, "attempts")),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "at_ms"})
