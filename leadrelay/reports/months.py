"""Month by month: what became of the leads that were captured in each, or what happened in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, OfLead, by_month, table
from leadrelay.reports.result import Column, Table
from leadrelay.reports.when import When

R = TypeVar("R", bound=OfLead)

_MONTH = Column(id="month", kind="month")


def months(
    whole: Group[R], asked: Asked, measures: Callable[[Asked], Sequence[Measure[R]]], column: str = "captured_ms"
) -> Table:
    """The table `months`. Its leads are those that have a time in the column: at all, of the leads captured in the
    month; or in the month, whenever they were captured. `measures` are those of the days of a question."""
    if asked.date_by == "capture":
        groups, when = by_month(whole, "captured_ms", asked), When.of(asked)
        return table("months", _MONTH, groups, measures(asked), among=lambda group: when.group(group, column))
    made = [_month(whole, name, part, measures(part), column) for name, part in parts(asked)]
    return made[0].with_(lines=tuple(line for one in made for line in one.lines))


def _month(whole: Group[R], name: str, part: Asked, measures: Sequence[Measure[R]], column: str) -> Table:
    groups, when = [Group(name, whole.opens, whole.rows)], When.of(part)
    return table("months", _MONTH, groups, measures, among=lambda group: when.group(group, column))


def parts(asked: Asked) -> Iterator[tuple[str, Asked]]:
    """Each month (2026-11) of the days that were asked for, with the question narrowed to those days of it."""
    since = asked.since
    while since <= asked.until:
        following = date(since.year + since.month // 12, since.month % 12 + 1, 1)
        until = min(asked.until, following - timedelta(days=1))
        yield f"{since:%Y-%m}", asked.with_(since=since, until=until)
        since = following
