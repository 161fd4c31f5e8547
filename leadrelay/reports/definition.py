"""What a report is made of. Each folder here with a `report.py` is one: its `REPORT` says how to count.

`rows.sql` (at most twenty lines, DuckDB's dialect) selects from the base tables; its columns are those of `Row`, in
that order. It always has `lead_id` (null for what is about no lead) and the columns that `dates` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, DateBy
from leadrelay.reports.result import Chart, Number, Remark, Table


class Spend(NamedTuple):
    """What was spent on a source in a month (2026-11), in minor units of the currency; on one campaign or form of it,
    where they are told."""

    month: str
    source: str
    campaign: str | None
    form: str | None
    amount: int
    currency: str


class Visits(NamedTuple):
    """Distinct visitors of a day (ISO) as another tool counted them, by source (None: of all)."""

    day: str
    source: str | None
    visitors: int


class Rate(NamedTuple):
    """From this day (ISO) on one unit of `currency` is worth `value` units of `into`."""

    day: str
    currency: str
    into: str
    value: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """What people bring in beside the facts."""

    spend: Sequence[Spend] = ()
    visits: Sequence[Visits] = ()
    rates: Sequence[Rate] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What a report may look at beside its rows: `now` (UTC) for what is still open, `before` the rows of the same
    number of days just before."""

    rules: Rules
    now: datetime
    inputs: Inputs = field(default_factory=Inputs)
    before: Sequence[Any] = ()


R = TypeVar("R", bound=NamedTuple)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a report's `count` finds. `leads` is how many distinct leads it is about; None: those of its rows."""

    leads: int | None = None
    numbers: tuple[Number, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition(Generic[R]):
    """`row` is the NamedTuple of `rows.sql`, `dates` the column of milliseconds (UTC) by which each kind of day is
    meant, `count` the report itself: pure. Of several columns one must lie in the days that are asked for: a row may
    tell of many things that happened, and `count` looks which of them did then. `filters` are those that make sense
    here; None: all of them. `takes` are the kinds of cases that it shows one by one, with how many where nothing else
    is said."""

    row: type[R]
    count: Callable[[Sequence[R], Asked, Around], Counted]
    dates: Mapping[DateBy, str | tuple[str, ...]]
    filters: tuple[str, ...] | None = None
    takes: Mapping[str, int] = field(default_factory=dict)

    def dated(self, by: DateBy) -> tuple[str, ...]:
        """The columns of which one must lie in the days. Raises KeyError for a kind of day it does not know."""
        columns = self.dates[by]
        return (columns,) if isinstance(columns, str) else columns
