"""A report as CSV, for spreadsheets: every number as a number, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from connectors.kit.money import digits
from leadrelay.reports.result import Report, Table, Value
from leadrelay.reports.wording import ReportText

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins with one of these is a formula to a spreadsheet."""


def sheet(report: Report, text: ReportText, table: str | None = None) -> str:
    """One table, with the labels of its columns; without `table` the key numbers and then every table, each under its
    caption. Codes stay codes, amounts are in whole units of the currency. Raises StopIteration for an unknown table."""
    if table is not None:
        return _written(_lines(report, report.table(table), text))
    return _written(_everything(report, text))


def cell(value: Value) -> str | int | float:
    """A value as a cell: text that could be a formula gets an apostrophe, a number stays one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RUNS) else value
    return value


def table_of(names: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Rows under these names."""
    return _written([list(names), *(list(row) for row in rows)])


def _everything(report: Report, text: ReportText) -> Iterator[Sequence[Value]]:
    yield (text.title, report.asked.since.isoformat(), report.asked.until.isoformat(), report.asked.zone)
    yield ("leads", report.leads)
    for number in report.numbers:
        name = _labelled(text.numbers.get(number.id, number.id), number.kind, report)
        yield (name, *(_measured(value, number.kind, report) for value in (number.value, number.before)))
    for each in report.tables:
        yield ()
        yield (text.tables.get(each.id, each.id),)
        yield from _lines(report, each, text)


def _lines(report: Report, table: Table, text: ReportText) -> Iterator[Sequence[Value]]:
    yield [_labelled(text.columns.get(column.id, column.id), column.kind, report) for column in table.columns]
    lines = (*table.lines, *(() if table.total is None else (table.total,)))
    kinds = [column.kind for column in table.columns]
    for line in lines:
        yield [_measured(value, kind, report) for value, kind in zip(line.values, kinds, strict=True)]


def _labelled(label: str, kind: str, report: Report) -> str:
    return f"{label} ({report.asked.currency})" if kind == "money" else label


def _measured(value: Value, kind: str, report: Report) -> Value:
    if kind != "money" or not isinstance(value, int | float):
        return value
    places = digits(report.asked.currency)
    return round(float(value) / float(10**places), places)


def _written(rows: Iterable[Sequence[Value]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return out.getvalue()
