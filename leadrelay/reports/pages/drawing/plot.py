"""What a chart shows, in words and numbers, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from leadrelay.reports.pages import values
from leadrelay.reports.pages.words import Words
from leadrelay.reports.result import Chart, Column, Report, Table, Value
from leadrelay.reports.wording import ReportText

MOST = 6
"""So many series have a colour of their own; the others are in the table."""


@dataclass(frozen=True)
class Series:
    """One series: its name, a value for each label (None: nothing there), and each value as it is read."""

    name: str
    values: tuple[float | None, ...]
    told: tuple[str, ...]


@dataclass(frozen=True)
class Plot:
    """`timed`: the labels are days or months, `short` where they stand close. `tick` tells a number of the axis, `mark`
    is how a single value is told, `seconds` whether they are times, `desc` what the chart says as a sentence, `steps`
    what part came to each step of a funnel."""

    id: str
    form: str
    title: str
    desc: str
    labels: tuple[str, ...]
    short: tuple[str, ...]
    series: tuple[Series, ...]
    timed: bool
    tick: Callable[[float], str]
    mark: str
    seconds: bool = False
    steps: tuple[str | None, ...] = ()

    @property
    def numbers(self) -> list[float]:
        """All values that are there."""
        return [value for series in self.series for value in series.values if value is not None]

    def told(self, series: Series, place: int) -> str:
        """One value with what it is of."""
        return self.mark.format(label=self.labels[place], series=series.name, value=series.told[place])


def plot_of(chart: Chart, report: Report, words: Words) -> Plot:
    """The chart of a report's table, in words. Raises StopIteration where it names a table or column that is not."""
    text, table = words.report(report.name), report.table(chart.table)
    axis = _column(table, chart.x)
    keys = tuple(dict.fromkeys(table.column(chart.x)))
    labels = tuple(_label(key, axis, words, text) for key in keys)
    series = tuple(_series(chart, table, keys, words, text))[: MOST if chart.form != "heat" else None]
    return Plot(
        id=f"{report.name}-{chart.id}",
        form=chart.form,
        title=text.charts.get(chart.id, text.title),
        desc=_desc(labels, series, words),
        labels=labels,
        short=tuple(_short(key, axis, words, text) for key in keys),
        series=series,
        timed=axis.kind in ("day", "month"),
        tick=lambda value: _tick(value, _column(table, chart.series[0]), words),
        mark=words.catalogue.say["chart.mark"],
        seconds=_column(table, chart.series[0]).kind == "seconds",
        steps=_steps(series, words) if chart.form == "funnel" else (),
    )


def _label(key: Value, axis: Column, words: Words, text: ReportText) -> str:
    return words.value(key, axis.kind, axis.codes, text)


def _short(key: Value, axis: Column, words: Words, text: ReportText) -> str:
    if axis.kind == "day" and isinstance(key, str):
        return values.short_day(date.fromisoformat(key), words.catalogue)
    return _label(key, axis, words, text)


def _tick(value: float, column: Column, words: Words) -> str:
    if column.kind == "share":
        return values.share(value, words.catalogue, 0)
    return words.value(value, column.kind)


def _series(chart: Chart, table: Table, keys: Sequence[Value], words: Words, text: ReportText) -> Iterable[Series]:
    if chart.by is None:
        for name in chart.series:
            pairs = dict(zip(table.column(chart.x), table.column(name), strict=True))
            yield _one(text.columns.get(name, name), [pairs[key] for key in keys], _column(table, name), words)
        return
    by, value = _column(table, chart.by), chart.series[0]
    found = zip(table.column(chart.by), table.column(chart.x), table.column(value), strict=True)
    cells = {(row, key): cell for row, key, cell in found}
    for row in dict.fromkeys(table.column(chart.by)):
        name = words.value(row, by.kind, by.codes, text)
        yield _one(name, [cells.get((row, key)) for key in keys], _column(table, value), words)


def _one(name: str, found: Sequence[Value], column: Column, words: Words) -> Series:
    return Series(
        name=name,
        values=tuple(float(value) if isinstance(value, int | float) else None for value in found),
        told=tuple(words.value(value, column.kind, column.codes) for value in found),
    )


def _column(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.id == name)


def _desc(labels: Sequence[str], series: Sequence[Series], words: Words) -> str:
    """The largest and the smallest of the first series, and where the rest is."""
    first = series[0] if series else Series("", (), ())
    known = [(value, place) for place, value in enumerate(first.values) if value is not None]
    if not known:
        return words.say("chart.nothing")
    said = [words.say(name, label=labels[place], value=first.told[place])
            for name, (_, place) in (("chart.most", max(known)), ("chart.least", min(known)))]  # fmt: skip
    return " ".join((*said, words.say("chart.below")))


def _steps(series: Sequence[Series], words: Words) -> tuple[str | None, ...]:
    """What part of the step before each step is; None where there was nothing before."""
    values = series[0].values if series else ()
    shares = [None, *(after / before if before and after is not None else None
                      for before, after in pairwise(values))]  # fmt: skip
    told = (None if each is None else words.value(each, "share") for each in shares)
    return tuple(None if each is None else words.say("chart.step", value=each) for each in told)
