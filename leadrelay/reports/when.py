"""Which of the things that happened to a lead are counted: of leads captured in the days all of them, whenever they
happened; or what happened in the days, whenever the lead came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, OfLead

R = TypeVar("R", bound=OfLead)
T = TypeVar("T", bound=Any)


@dataclass(frozen=True, slots=True)
class When:
    """`since` (included) and `until` (not included) are milliseconds since 1970 (UTC); None: whenever."""

    since: int | None = None
    until: int | None = None

    @classmethod
    def of(cls, asked: Asked) -> When:
        """As the reader asks."""
        return cls(*asked.span_ms()) if asked.date_by == "activity" else cls()

    def counts(self, ms: int | None) -> bool:
        """Whether something that happened then is meant; what did not happen never is."""
        if ms is None:
            return False
        return (self.since is None or ms >= self.since) and (self.until is None or ms < self.until)

    def conditions(self, column: str) -> tuple[Condition, ...]:
        """The rows of which `counts` is true of this column."""
        if self.since is None:
            return (Condition(column=column, op="known"),)
        since = Condition(column=column, op="ge", value=self.since)
        return (since, Condition(column=column, op="lt", value=self.until))

    def rows(self, rows: Sequence[R], column: str) -> list[R]:
        """Those to which it happened."""
        return [row for row in rows if self.counts(getattr(row, column))]

    def group(self, whole: Group[R], column: str) -> Group[R]:
        """Those of a group to which it happened; it is still named as before."""
        return Group(whole.value, whole.where(*self.conditions(column)), self.rows(whole.rows, column))


def as_old(before: Sequence[T], asked: Asked, now: datetime) -> list[T]:
    """The rows (named tuples) of the time before as they were when they were as old as those of these days are now:
    without the times (`…_ms`) after that, and without those that had not come yet. Else the older leads would always
    have come further. By activity all that happened in the days stays, and what became of it by that age."""
    was, is_ = asked.before().span_ms(), asked.span_ms()
    then = int(now.timestamp() * 1000) - (is_[0] - was[0])
    times = [name for name in before[0]._fields if name.endswith("_ms")] if before else []
    if asked.date_by == "activity":
        return [_until(row, times, max(then, was[1] - 1)) for row in before]
    return [_until(row, times, then) for row in before if row.captured_ms <= then]


def _until(row: T, times: Sequence[str], then: int) -> T:
    later = {name: None for name in times if (getattr(row, name) or 0) > then}
    seen: T = row._replace(**later) if later else row
    return seen
