"""Who got how many leads, against what the weights of team.yaml promise, and who has how many open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, known_in, leads_of, same, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.fairness.shares import Share, shares_of, uneven
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import known, mean
from leadrelay.reports.result import Chart, Column, Line, Number, Remark, Table, Value


class Row(NamedTuple):
    """A lead that a rep got. `counted` are the turns in which it counts as given to them: hot or other; none where it
    was nobody's turn: a person chose, or they knew each other. `open`: they have it still, and it is not closed."""

    lead_id: str
    captured_ms: int
    at_ms: int
    pool: str | None
    rep: str
    counted: str | None
    score: int | None
    open: bool


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Each pool's shares, and each rep's load."""
    whole, team, enough = everything(rows), around.rules.team, around.rules.reports.enough
    shares = shares_of(known_in(whole, "counted").rows, team)
    worst = uneven(shares, enough)
    reps = by_column(whole, "rep")
    numbers = (
        Number(id="largest_gap", kind="share", value=_largest(shares, enough), of=leads_of(rows)),
        Number(id="turns", kind="count", value=sum(one.got for one in shares), of=leads_of(rows)),
        Number(id="most_open", kind="count", value=max(map(_open_of, reps), default=None), of=leads_of(rows)),
    )
    return Counted(
        numbers=numbers,
        tables=(_shares(whole, shares), _reps(whole, reps, shares)),
        charts=(
            Chart(id="turns", table="reps", form="bars", x="rep", series=("turns", "expected")),
            Chart(id="open", table="reps", form="bars", x="rep", series=("open",)),
        ),
        remarks=(
            *not_enough(leads_of(rows), around.rules),
            *((_told(worst),) if worst is not None else ()),
            *((Remark(id="narrowed"),) if asked.where.keys() - {"pool", "team"} else ()),
        ),
    )


def _open_of(group: Group[Row]) -> int:
    return leads_of([row for row in group.rows if row.open])


def _largest(shares: Sequence[Share], enough: int) -> float | None:
    """How far the share that somebody got is from the one they were promised, in pools with enough leads."""
    return max((abs(one.gap) for one in shares if one.pool_got >= enough), default=None)


_LOAD: tuple[Measure[Row], ...] = (
    Measure("hot", "count", lambda rows: sum(row.counted == "hot" for row in rows)),
    Measure("beside", "count", lambda rows: sum(row.counted is None for row in rows)),
    Measure("score", "score", lambda rows: mean(known(row.score for row in rows))),
    Measure("open", "count", lambda rows: leads_of([row for row in rows if row.open])),
)


def _shares(whole: Group[Row], shares: Sequence[Share]) -> Table:
    """Pool by pool, in the order of team.yaml."""
    return Table(
        id="shares",
        columns=(
            Column(id="pool", kind="code", codes="pool"),
            Column(id="rep", kind="code", codes="rep"),
            Column(id="leads"),
            Column(id="turns"),
            Column(id="got", kind="share"),
            Column(id="promised", kind="share"),
            Column(id="behind", kind="number"),
        ),
        lines=tuple(_share(whole, one) for one in shares),
        counts="leads",
    )


def _share(whole: Group[Row], one: Share) -> Line:
    opens = whole.where(same("pool", one.pool), same("rep", one.rep))
    leads = leads_of([row for row in whole.rows if (row.pool, row.rep) == (one.pool, one.rep)])
    values: tuple[Value, ...] = (one.pool, one.rep, leads, one.got, one.got_share, one.promised, one.behind)
    return Line(values=values, opens=opens)


def _reps(whole: Group[Row], groups: Sequence[Group[Row]], shares: Sequence[Share]) -> Table:
    """Rep by rep, over all pools: what they got, what the weights promised, and what they have open."""
    turns: Measure[Row] = Measure("turns", "count", lambda rows: sum(row.counted is not None for row in rows))
    expected: Measure[Row] = Measure("expected", "number", lambda rows: _expected(rows, shares))
    first = Column(id="rep", kind="code", codes="rep")
    return table("reps", first, groups, (turns, expected, *_LOAD), whole)


def _expected(rows: Sequence[Row], shares: Sequence[Share]) -> float:
    """What the weights promise all of these reps together."""
    reps = {row.rep for row in rows}
    return sum(one.pool_got * one.promised for one in shares if one.rep in reps)


def _told(one: Share) -> Remark:
    values: dict[str, Value] = {"rep": one.rep, "pool": one.pool, "got": one.got_share, "promised": one.promised}
    return Remark(id="uneven", values=values)


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "at_ms"})
