"""A field of cells, such as hours by weekdays: the deeper, the more."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.svg import element, marked, percent, picture

STEPS = 6
"""Depths of colour."""

_CELL, _BOTTOM = 26, 36
_LABELS, _LINE = 12, 14
_LONG = 6
"""Letters from which on labels stand in two lines, every other one lower."""


def heat(plot: Plot) -> Markup:
    """The chart: labels along the width, one row of cells for each series."""
    numbers = plot.numbers or [0.0]
    low, high = min(numbers), max(numbers)
    marks = [mark for number in range(len(plot.series)) for mark in _row(plot, number, low, high)]
    return picture(
        plot, len(plot.series) * _CELL + _BOTTOM, [*marks, *_names(plot)], [series.name for series in plot.series]
    )


def depth(value: float, low: float, high: float) -> int:
    """Which of the colours: 0 to `STEPS` - 1. Where all are equal, the deepest."""
    return STEPS - 1 if high == low else min(STEPS - 1, int((value - low) / (high - low) * STEPS))


def _row(plot: Plot, number: int, low: float, high: float) -> Iterator[Markup]:
    series, top, width = plot.series[number], number * _CELL, 1 / len(plot.labels)
    yield element("text", series.name, class_="tick", x=-8, y=top + 17, text_anchor="end")
    for place, value in enumerate(series.values):
        kind = "none" if value is None else f"h{depth(value, low, high)}"
        yield marked(
            "rect", plot.told(series, place), class_=kind, x=percent(place * width), y=top + 1,
            width=percent(width * 0.94), height=_CELL - 2, rx=2,
        )  # fmt: skip


def _names(plot: Plot) -> Iterator[Markup]:
    every = -(-len(plot.labels) // _LABELS)
    staggered = max(map(len, plot.labels)) > _LONG
    for number, place in enumerate(range(0, len(plot.labels), every)):
        x = percent((place + 0.47) / len(plot.labels))
        y = len(plot.series) * _CELL + 16 + (_LINE if staggered and number % 2 else 0)
        kind = "tick" if number % 2 == 0 else "tick wide"
        yield element("text", plot.labels[place], class_=kind, x=x, y=y, text_anchor="middle")
