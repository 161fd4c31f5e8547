"""Lying bars, each under its name: for sources, reps, reasons. Stacked ones lie one behind the other."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.scale import Scale, scale
from leadrelay.reports.pages.drawing.svg import element, marked, percent, picture

LONGEST = 20
"""Rows that are drawn; the table has all of them."""

_MANY = 8

_NAME, _BAR, _GAP = 20, 16, 12
_WIDTH = 0.78
"""Of the bars, so that the numbers have room behind them."""


def rows(plot: Plot) -> Markup:
    """The chart."""
    stacked = plot.form == "stacked"
    height = _NAME + (1 if stacked else len(plot.series)) * _BAR + _GAP
    shown = _shown(plot)
    axis = scale(_sums(plot)) if stacked else scale(plot.numbers)
    marks = [mark for line, place in enumerate(shown) for mark in _row(plot, place, line * height, axis, stacked)]
    return picture(plot, max(len(shown) * height, 1), marks)


def _shown(plot: Plot) -> list[int]:
    """The places of the rows that are drawn: of many, those that have something to show."""
    every = range(len(plot.labels))
    some = [place for place in every if any(series.values[place] for series in plot.series)]
    return (some if len(every) > _MANY else list(every))[:LONGEST]


def _sums(plot: Plot) -> list[float]:
    return [sum(series.values[place] or 0 for series in plot.series) for place in range(len(plot.labels))]


def _row(plot: Plot, place: int, top: float, axis: Scale, stacked: bool) -> Iterator[Markup]:
    yield element("text", plot.labels[place], x=0, y=top + 14, class_="name")
    start = 0.0
    for number, series in enumerate(plot.series):
        value = series.values[place]
        line = top + _NAME + (0 if stacked else number * _BAR)
        if not stacked:
            yield element("text", series.told[place], x="100%", y=line + 12, class_="value", text_anchor="end")
        if not value:
            continue
        low, high = sorted((start, start + value))
        yield marked(
            "rect",
            plot.told(series, place),
            class_=f"s{number + 1}",
            x=percent(axis.part(low) * _WIDTH),
            y=line + 2,
            width=percent((axis.part(high) - axis.part(low)) * _WIDTH),
            height=_BAR - 4,
            rx=2,
        )
        start += value if stacked else 0.0
    if stacked:
        whole = plot.tick(_sums(plot)[place])
        yield element("text", whole, x="100%", y=top + _NAME + 12, class_="value", text_anchor="end")
