"""A report as a page shows it: numbers, findings, charts with their tables, all in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from markupsafe import Markup

from leadrelay.reports.conditions import conditions_text
from leadrelay.reports.pages.drawing import draw
from leadrelay.reports.pages.drawing.plot import Plot, plot_of
from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.query import query_of
from leadrelay.reports.result import Chart, Column, Line, Number, Remark, Report, Table, Value
from leadrelay.reports.wording import ReportText

KEY_NUMBERS = 3
"""More at once and nobody sees any."""

_LONG = 40
"""Lines of a table."""

_WORDS = ("code", "text", "day", "month")


@dataclass(frozen=True)
class Shown:
    """A key number. `of` is what it rests on, `before` the one of the time before; None where there is none."""

    label: str
    value: str
    of: str | None
    before: str | None


@dataclass(frozen=True)
class Cell:
    """`href` opens the leads behind it, `opens` says that to who does not see it."""

    text: str
    numeric: bool
    href: str | None = None
    opens: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table. `head` are labels, each with whether numbers stand under it."""

    id: str
    caption: str
    head: tuple[tuple[str, bool], ...]
    body: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] | None

    @property
    def long(self) -> bool:
        """Whether it is better folded away under its chart."""
        return len(self.body) > _LONG


@dataclass(frozen=True)
class Picture:
    """A chart; `legend` are the names of its series, where there is more than one."""

    plot: Plot
    svg: Markup
    legend: tuple[str, ...]
    range: tuple[str, str] | None


@dataclass(frozen=True)
class Section:
    """One report. `sheets` are its tables, each with the charts that draw it."""

    name: str
    title: str
    definition: str
    leads: int
    numbers: tuple[Shown, ...]
    remarks: tuple[tuple[str, str], ...]
    sheets: tuple[tuple[tuple[Picture, ...], Sheet], ...]
    href: str | None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell but that."""
        return self.leads == 0 and not any(sheet.body for _, sheet in self.sheets)


def section(report: Report, frame: Frame) -> Section:
    """The report in the words of the page."""
    words, text = frame.words, frame.words.report(report.name)
    asked = parse_qsl(query_of(report.asked))
    return Section(
        name=report.name,
        title=text.title,
        definition=text.definition,
        leads=report.leads,
        numbers=tuple(_number(each, frame, text) for each in report.numbers[:KEY_NUMBERS]),
        remarks=tuple((each.weight, words.remark(each, text)) for each in _weighed(report.remarks)),
        sheets=tuple((tuple(_pictures(report, table, frame)), sheet(report, table, frame)) for table in report.tables),
        href=None if frame.alone else frame.report(report.name, *asked),
    )


def _weighed(remarks: Sequence[Remark]) -> list[Remark]:
    """Warnings first."""
    return sorted(remarks, key=lambda each: each.weight != "warning")


def _number(number: Number, frame: Frame, text: ReportText) -> Shown:
    words = frame.words
    before = words.say("report.before", value=words.value(number.before, number.kind))
    return Shown(
        label=text.numbers.get(number.id) or text.columns.get(number.id, number.id),
        value=words.value(number.value, number.kind, None, text),
        of=None if number.of is None else words.say("report.of", n=words.count(number.of)),
        before=None if number.before is None else before,
    )


def _pictures(report: Report, table: Table, frame: Frame) -> Iterator[Picture]:
    """The charts of a table that has something to draw."""
    for chart in report.charts:
        if chart.table == table.id and table.lines:
            yield _picture(chart, report, frame)


def _picture(chart: Chart, report: Report, frame: Frame) -> Picture:
    plot = plot_of(chart, report, frame.words)
    many = len(plot.series) > 1 and chart.form not in ("heat", "funnel")
    return Picture(
        plot=plot,
        svg=draw(plot),
        legend=tuple(series.name for series in plot.series) if many else (),
        range=_range(plot) if chart.form == "heat" else None,
    )


def _range(plot: Plot) -> tuple[str, str] | None:
    known = [(value, told) for series in plot.series for value, told in zip(series.values, series.told, strict=True)
             if value is not None]  # fmt: skip
    return (min(known)[1], max(known)[1]) if known else None


def sheet(report: Report, table: Table, frame: Frame) -> Sheet:
    """A table of a report, its counts as links to the leads behind them."""
    text = frame.words.report(report.name)
    return Sheet(
        id=f"{report.name}-{table.id}",
        caption=text.tables.get(table.id, text.title),
        head=tuple((text.columns.get(each.id, each.id), each.kind not in _WORDS) for each in table.columns),
        body=tuple(tuple(_cells(report, table, line, frame, text)) for line in table.lines),
        foot=None if table.total is None else tuple(_total(report, table, table.total, frame, text)),
    )


def _cells(report: Report, table: Table, line: Line, frame: Frame, text: ReportText) -> Iterator[Cell]:
    for column, value in zip(table.columns, line.values, strict=True):
        told = frame.words.value(value, column.kind, column.codes, text)
        opens = line.opens if column.id == table.counts and value else None
        if opens is None or frame.alone:
            yield Cell(told, column.kind not in _WORDS)
        else:
            asked = parse_qsl(query_of(report.asked))
            href = frame.link(f"/open/{report.name}", *asked, ("open", conditions_text(opens)))
            yield Cell(told, column.kind not in _WORDS, href, frame.words.say("report.open", n=told))


def _total(report: Report, table: Table, line: Line, frame: Frame, text: ReportText) -> Iterator[Cell]:
    """The last line has a name of its own where it would have none."""
    for place, cell in enumerate(_cells(report, table, line, frame, text)):
        unnamed = place == 0 and _is_unnamed(table.columns[0], line.values[0])
        yield Cell(frame.words.say("report.total"), cell.numeric) if unnamed else cell


def _is_unnamed(column: Column, value: Value) -> bool:
    return column.kind in _WORDS and value in (None, "", "all", "total")
