"""What a report answers: numbers, tables, charts and remarks, in codes. Words and colours are given to it by whoever
shows it (terminal, CSV, page), so that the same numbers appear everywhere."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model
from leadrelay.reports.asked import Asked, Condition

Kind = Literal["code", "text", "day", "month", "count", "number", "share", "money", "seconds", "days", "score"]
"""How a value reads: `code` is translated (a stage, a source, a rep), `text` is not; `day` is an ISO date, `month` is
2026-11; `count` whole, `number` with decimals; `share` 0 to 1; `money` in minor units of the currency that was asked
for; `seconds` elapsed or business seconds as the column's text says."""

Value = str | int | float | bool | None
"""None: there is no such value, for nothing was there to divide by, or to take the middle of."""


class Column(Model):
    """A column of a table. `codes` names the vocabulary of its codes: stage, source, rep, pool, reason …"""

    id: str
    kind: Kind = "count"
    codes: str | None = None


class Line(Model):
    """One row of a table. `opens` are the conditions on the report's rows behind it; None where nothing can be opened.
    The table's `counts` column says how many rows that are."""

    values: tuple[Value, ...]
    opens: tuple[Condition, ...] | None = None


class Table(Model):
    """Rows of numbers. `counts` is the id of the column that is the number of distinct leads which `opens` finds."""

    id: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    counts: str | None = None
    total: Line | None = None

    def column(self, name: str) -> tuple[Value, ...]:
        """The values of one column, top down. Raises StopIteration for an unknown one."""
        at = next(place for place, column in enumerate(self.columns) if column.id == name)
        return tuple(line.values[at] for line in self.lines)


class Chart(Model):
    """How a table is drawn: `x` is the column along the axis, `series` are the columns drawn, over the same axis."""

    id: str
    table: str
    form: Literal["bars", "stacked", "line", "heat", "funnel"]
    x: str
    series: tuple[str, ...]
    by: str | None = None


class Number(Model):
    """A key number: `of` is how many leads (or clocks, deals) it rests on; `before` the same of the time before."""

    id: str
    kind: Kind
    value: Value
    of: int | None = None
    before: Value = None


class Remark(Model):
    """A finding, or why something is not told: the id of a sentence and what stands in it. The sentence says how
    each value reads, as `{was:seconds}` or `{rep:rep}`."""

    id: str
    values: dict[str, Value] = Field(default_factory=dict)
    weight: Literal["note", "warning"] = "note"


class Report(Model):
    """A report's whole answer. `leads` is how many distinct leads it is about: reports over the same leads agree."""

    name: str
    asked: Asked
    leads: int
    numbers: tuple[Number, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def table(self, name: str) -> Table:
        """Raises StopIteration for an unknown one."""
        return next(table for table in self.tables if table.id == name)

    def number(self, name: str) -> Number:
        """Raises StopIteration for an unknown one."""
        return next(number for number in self.numbers if number.id == name)
