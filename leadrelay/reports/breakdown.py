"""Tables by groups: the same measures of the rows of every source, rep, band or month, each of which can be opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from operator import eq, ge, lt
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from leadrelay.reports.asked import Asked, Condition, Op
from leadrelay.reports.result import Column, Kind, Line, Number, Table, Value


class OfLead(Protocol):
    """A report's row, whatever else it has."""

    @property
    def lead_id(self) -> str | None:
        """Whose it is; None for what is nobody's."""


R = TypeVar("R", bound=OfLead)


@dataclass(frozen=True)
class Measure(Generic[R]):
    """A number that any rows have: a column of a table, or a key number. `among` are those that it rests on, where not
    all do: who could have been late, not who came."""

    id: str
    kind: Kind
    of: Callable[[Sequence[R]], Value]
    among: Callable[[Sequence[R]], Sequence[R]] = lambda rows: rows


@dataclass(frozen=True)
class Group(Generic[R]):
    """Rows that have something in common: `value`. `opens` are the conditions by which they are found again; None where
    no condition can say it."""

    value: Value
    opens: tuple[Condition, ...] | None
    rows: Sequence[R]

    def where(self, *conditions: Condition) -> tuple[Condition, ...] | None:
        """The conditions of a part of it."""
        return None if self.opens is None else (*self.opens, *conditions)

    def named(self, value: Value) -> Group[R]:
        """The same under another name."""
        return Group(value, self.opens, self.rows)


def everything(rows: Sequence[R]) -> Group[R]:
    """All rows that a report has."""
    return Group(None, (), rows)


def leads_of(rows: Sequence[OfLead]) -> int:
    """Distinct leads."""
    return len({row.lead_id for row in rows} - {None})


def number(measure: Measure[R], rows: Sequence[R], before: Sequence[R]) -> Number:
    """A key number, with that of the time before, and the leads that it rests on."""
    return Number(
        id=measure.id,
        kind=measure.kind,
        value=measure.of(rows),
        of=leads_of(measure.among(rows)),
        before=measure.of(before),
    )


def known_in(whole: Group[R], column: str, op: Op = "known") -> Group[R]:
    """Those that have a value there, or (`missing`) have none."""
    rows = [row for row in whole.rows if (getattr(row, column) is None) == (op == "missing")]
    return Group(None, whole.where(Condition(column=column, op=op)), rows)


def such(whole: Group[R], *conditions: Condition) -> Group[R]:
    """Those of which all conditions hold."""
    rows = [row for row in whole.rows if all(_holds(one, getattr(row, one.column)) for one in conditions)]
    return Group(whole.value, whole.where(*conditions), rows)


def by_column(whole: Group[R], column: str) -> list[Group[R]]:
    """By what stands in a column: the largest group first, those without a value last."""
    found: dict[Value, list[R]] = defaultdict(list)
    for row in whole.rows:
        found[getattr(row, column)].append(row)
    ordered = sorted(found.items(), key=lambda item: (item[0] is None, -len(item[1]), str(item[0])))
    return [Group(value, whole.where(same(column, value)), some) for value, some in ordered]


def same(column: str, value: Value) -> Condition:
    """Has this value, or none."""
    return Condition(column=column, op="missing") if value is None else Condition(column=column, value=value)


def by_edges(whole: Group[R], column: str, edges: Sequence[int], names: Sequence[Value]) -> list[Group[R]]:
    """By where a number lies: each group begins at its edge (included) and ends before the next. Rows without the
    number, or with a smaller one than the first edge, are in none."""
    ends: list[int | None] = [*edges[1:], None]
    return [_between(whole, column, name, low, high) for name, low, high in zip(names, edges, ends, strict=True)]


def by_month(whole: Group[R], column: str, asked: Asked) -> list[Group[R]]:
    """By month, in the zone that was asked for, of a column of milliseconds (UTC): every month of the days that were
    asked for, also one without rows."""
    starts = list(_month_starts(asked.since, asked.until))
    edges = [int(datetime.combine(day, time(), ZoneInfo(asked.zone)).timestamp() * 1000) for day in starts]
    return [
        _between(whole, column, f"{day:%Y-%m}", low, high)
        for day, (low, high) in zip(starts[:-1], pairwise(edges), strict=True)
    ]


def in_zone(ms: int, zone: ZoneInfo) -> datetime:
    """Milliseconds since 1970 (UTC) as a clock on the wall there shows them."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)


def table(
    name: str,
    first: Column,
    groups: Sequence[Group[R]],
    measures: Sequence[Measure[R]],
    whole: Group[R] | None = None,
    among: Callable[[Group[R]], Group[R]] = lambda group: group,
) -> Table:
    """One line for each group: what it is, its distinct leads (`leads`, which open), and the measures; `whole` is the
    last line, of all of them. `among` chooses the leads of a group where not all of its rows stand for one."""
    return Table(
        id=name,
        columns=(first, Column(id="leads"), *(Column(id=one.id, kind=one.kind) for one in measures)),
        lines=tuple(_line(group, among(group), measures) for group in groups),
        counts="leads",
        total=None if whole is None else _line(whole, among(whole), measures),
    )


def without_leads(made: Table) -> Table:
    """A table of what is nobody's: no leads to count, nothing to open."""
    lines = tuple(_bare(line) for line in made.lines)
    total = None if made.total is None else _bare(made.total)
    return made.with_(columns=(made.columns[0], *made.columns[2:]), lines=lines, counts=None, total=total)


def _bare(line: Line) -> Line:
    return Line(values=(line.values[0], *line.values[2:]))


def _line(group: Group[R], leads: Group[R], measures: Sequence[Measure[R]]) -> Line:
    values = (group.value, leads_of(leads.rows), *(measure.of(group.rows) for measure in measures))
    return Line(values=values, opens=leads.opens)


def _holds(condition: Condition, value: Any) -> bool:
    if condition.op in ("known", "missing"):
        return (value is None) == (condition.op == "missing")
    return value is not None and _COMPARED[condition.op](value, condition.value)


_COMPARED: Mapping[Op, Callable[[Any, Any], bool]] = {"is": eq, "ge": ge, "lt": lt}


def _between(whole: Group[R], column: str, name: Value, low: int, high: int | None) -> Group[R]:
    opens = [Condition(column=column, op="ge", value=low)]
    if high is not None:
        opens.append(Condition(column=column, op="lt", value=high))
    return Group(name, whole.where(*opens), [row for row in whole.rows if _lies(getattr(row, column), low, high)])


def _lies(value: int | None, low: int, high: int | None) -> bool:
    return value is not None and value >= low and (high is None or value < high)


def _month_starts(since: date, until: date) -> Iterator[date]:
    """The first day of each month, and of the one after the last."""
    day = since.replace(day=1)
    while day <= until:
        yield day
        day = _next_month(day)
    yield day


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
