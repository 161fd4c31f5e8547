"""What a report looks like in a terminal: its sentence, its key numbers, its tables, what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as Shown

from leadrelay.reports.pages.values import NOTHING
from leadrelay.reports.pages.words import Words
from leadrelay.reports.registry import names
from leadrelay.reports.result import Line, Number, Report, Table
from leadrelay.reports.run import Opened
from leadrelay.reports.wording import ReportText, report_text


def listed(language: str) -> Shown:
    """Every report by name."""
    table = Shown(header_style="bold", box=None)
    for name in ("report", "title", "what it says"):
        table.add_column(name)
    for name in names():
        text = report_text(name, language)
        table.add_row(name, escape(text.title), escape(text.definition))
    return table


def shown(report: Report, words: Words) -> Group:
    """The whole answer."""
    return Group(*_parts(report, words))


def leads_shown(found: Sequence[Opened], words: Words) -> Shown:
    """The leads behind a line."""
    table = _empty(f"{words.count(len(found))} leads")
    for name in ("lead", "captured", "source", "stage", "owner"):
        table.add_column(name)
    table.add_column("score", justify="right")
    for each in found:
        cells = (each.lead_id, _at(each.captured_ms, words), each.source, words.code("stage", each.stage), each.owner)
        score = NOTHING if each.score is None else str(each.score)
        table.add_row(*(escape(cell or NOTHING) for cell in cells), score)
    return table


def _at(ms: int | None, words: Words) -> str | None:
    return None if ms is None else words.at(datetime.fromtimestamp(ms / 1000, UTC))


def _parts(report: Report, words: Words) -> Iterator[RenderableType]:
    text, asked = words.report(report.name), report.asked
    yield f"[bold]{escape(text.title)}[/bold]  {words.day(asked.since)} – {words.day(asked.until)} ({asked.zone})"
    yield escape(text.definition)
    if report.numbers:
        yield _numbers(report.numbers, text, words)
    for remark in report.remarks:
        colour = "yellow" if remark.weight == "warning" else "cyan"
        yield f"[{colour}]{escape(words.remark(remark, text))}[/{colour}]"
    for table in report.tables:
        yield ""
        yield _table(table, text, words)


def _numbers(numbers: Sequence[Number], text: ReportText, words: Words) -> Shown:
    table = Shown.grid(padding=(0, 3))
    for number in numbers:
        before = "" if number.before is None else f"before: {words.value(number.before, number.kind)}"
        label = text.numbers.get(number.id, number.id)
        table.add_row(escape(label), f"[bold]{escape(words.value(number.value, number.kind))}[/bold]", escape(before))
    return table


def _table(table: Table, text: ReportText, words: Words) -> Shown:
    shown = _empty(text.tables.get(table.id, table.id))
    for column in table.columns:
        label = escape(text.columns.get(column.id, column.id))
        shown.add_column(label, justify="left" if column.kind in ("code", "text", "day", "month") else "right")
    for line in table.lines:
        shown.add_row(*_cells(line, table, text, words))
    if table.total is not None:
        shown.add_section()
        named = words.say("report.total") if table.total.values[0] is None else None
        first, *rest = _cells(table.total, table, text, words)
        shown.add_row(named or first, *rest, style="bold")
    return shown


def _cells(line: Line, table: Table, text: ReportText, words: Words) -> Iterator[str]:
    for value, column in zip(line.values, table.columns, strict=True):
        yield escape(words.value(value, column.kind, column.codes, text))


def _empty(title: str) -> Shown:
    return Shown(title=escape(title), title_justify="left", title_style="bold", header_style="bold", box=None)
