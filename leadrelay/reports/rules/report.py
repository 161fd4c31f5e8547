"""What each routing rule did: how often it decided, how fast, and what became of the leads it gave away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from leadrelay.domain.rules import Rules
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
    table,
)
from leadrelay.reports.change import Through
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough, weakest
from leadrelay.reports.measures import known, median, share
from leadrelay.reports.result import Chart, Column, Remark


class Row(NamedTuple):
    """A decision whose the lead is; `rule` is none where a person decided. `assign_seconds` (elapsed) since an owner
    was needed, `contact_seconds` until this rep's first contact. `sql`, `opportunity` and `won`: since then."""

    lead_id: str
    captured_ms: int
    at_ms: int
    rule: str | None
    why: str
    pool: str | None
    queue: str | None
    rep: str | None
    assign_seconds: float | None
    contact_seconds: float | None
    met: bool
    sql: bool
    opportunity: bool
    won: bool


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Rule by rule, those that decided nothing included; and why an owner was needed."""
    whole = everything(rows)
    decided = by_column(whole, "rule")
    unused = () if asked.where else _unused(rows, around.rules)
    never: list[Group[Row]] = [Group(rule, whole.where(same("rule", rule)), []) for rule in unused]
    months = by_month(whole, REPORT.dated(asked.date_by)[0], asked)
    return Counted(
        numbers=tuple(number(one, rows, around.before) for one in (_ASSIGN, _CONTACTED, _SQL)),
        tables=(
            table("rules", Column(id="rule", kind="code", codes="rule"), [*decided, *never], _BY, whole),
            table("reasons", Column(id="why", kind="code", codes="why"), by_column(whole, "why"), _BY, whole),
            table("pools", Column(id="pool", kind="code", codes="pool"), by_column(whole, "pool"), _BY, whole),
            table("months", Column(id="month", kind="month"), months, _BY, whole),
        ),
        charts=(
            Chart(id="rules", table="rules", form="bars", x="rule", series=("hits",)),
            Chart(id="converted", table="rules", form="bars", x="rule", series=("contacted_share", "sql_share")),
        ),
        remarks=(
            *not_enough(leads_of(rows), around.rules),
            *_idle(unused, rows, around),
            *_weakest(decided, around),
        ),
    )


def _given(rows: Sequence[Row]) -> list[Row]:
    """Those that a rep got: what waits in a queue is promised no call."""
    return [row for row in rows if row.rep is not None]


def _called(rows: Sequence[Row]) -> Through:
    """Leads that a rep got, and those of them that this rep reached out to."""
    given = _given(rows)
    return Through(leads_of(given), leads_of([row for row in given if row.contact_seconds is not None]))


def _reached(rows: Sequence[Row]) -> float | None:
    called = _called(rows)
    return share(called.out, called.came)


def _part(name: str, so: Callable[[Row], bool]) -> Measure[Row]:
    return Measure(name, "share", lambda rows: share(leads_of([row for row in rows if so(row)]), leads_of(rows)))


_ASSIGN: Measure[Row] = Measure(
    "assign_median",
    "seconds",
    lambda rows: median(known(r.assign_seconds for r in rows)),
    lambda rows: [row for row in rows if row.assign_seconds is not None],
)
_CONTACTED: Measure[Row] = Measure("contacted_share", "share", _reached, _given)
_SQL = _part("sql_share", lambda row: row.sql)
_BY: tuple[Measure[Row], ...] = (
    Measure("hits", "count", len),
    Measure("given", "count", lambda rows: len(_given(rows))),
    _ASSIGN,
    _CONTACTED,
    Measure("contact_median", "seconds", lambda rows: median(known(row.contact_seconds for row in rows))),
    _part("meeting_share", lambda row: row.met),
    _SQL,
    _part("opportunity_share", lambda row: row.opportunity),
    _part("won_share", lambda row: row.won),
)


def _unused(rows: Sequence[Row], rules: Rules) -> tuple[str, ...]:
    """Rules that decided nothing; a rule with a table decides by its rows."""
    used = {row.rule.partition("/")[0] for row in rows if row.rule is not None}
    return tuple(rule.id for rule in rules.routing.rules if rule.id not in used)


def _idle(unused: Sequence[str], rows: Sequence[Row], around: Around) -> tuple[Remark, ...]:
    """Rules that are there for nothing, where enough came to tell."""
    if not unused or leads_of(rows) < around.rules.reports.enough:
        return ()
    return (Remark(id="unused", values={"rules": ", ".join(unused)}),)


def _weakest(decided: Sequence[Group[Row]], around: Around) -> tuple[Remark, ...]:
    """The rule whose leads are called least."""
    found = weakest(decided, _called, around.rules.reports.enough)
    if found is None:
        return ()
    return (Remark(id="weakest_rule", values={"rule": found.value, "share": _reached(found.rows)}, weight="warning"),)


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "at_ms"})
