"""Standing bars along time."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.grid import framed, y_of
from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.scale import Scale, scale
from leadrelay.reports.pages.drawing.svg import marked, percent

_FILLED = 0.76
"""Of a label's part of the width."""


def columns(plot: Plot) -> Markup:
    """The chart; stacked bars stand on each other, others side by side."""
    stacked = plot.form == "stacked"
    sums = [sum(series.values[place] or 0 for series in plot.series) for place in range(len(plot.labels))]
    axis = scale(sums if stacked else plot.numbers, seconds=plot.seconds)
    return framed(plot, axis, [mark for place in range(len(plot.labels)) for mark in _at(plot, place, axis, stacked)])


def _at(plot: Plot, place: int, axis: Scale, stacked: bool) -> Iterator[Markup]:
    width = _FILLED / len(plot.labels) / (1 if stacked else len(plot.series))
    left = (place + (1 - _FILLED) / 2) / len(plot.labels)
    start = 0.0
    for number, series in enumerate(plot.series):
        value = series.values[place]
        if not value:
            continue
        low, high = sorted((start, start + value))
        yield marked(
            "rect",
            plot.told(series, place),
            class_=f"s{number + 1}",
            x=percent(left + (0 if stacked else number * width)),
            y=y_of(high, axis),
            width=percent(width),
            height=y_of(low, axis) - y_of(high, axis),
        )
        start += value if stacked else 0.0
