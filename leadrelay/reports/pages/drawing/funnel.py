"""A funnel: each step as wide as what is left of it, and what part of the step before that is."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.svg import element, marked, percent, picture

_STEP, _BAR = 54, 20
_SEEN = 0.004
"""So wide is at least what is not nothing."""


def funnel(plot: Plot) -> Markup:
    """The chart, of the first series."""
    widest = max(plot.numbers, default=0) or 1
    marks = [mark for place in range(len(plot.labels)) for mark in _step(plot, place, widest)]
    return picture(plot, max(len(plot.labels) * _STEP, 1), marks)


def _step(plot: Plot, place: int, widest: float) -> Iterator[Markup]:
    series, top = plot.series[0], place * _STEP
    value, part = series.values[place], plot.steps[place]
    yield element("text", plot.labels[place], class_="name", x=0, y=top + 15)
    yield element("text", series.told[place], class_="value", x="100%", y=top + 15, text_anchor="end")
    if part is not None:
        yield element("text", part, class_="step", x="50%", y=top + 15, text_anchor="middle")
    yield element("rect", class_="track", x="0%", y=top + 22, width="100%", height=_BAR, rx=3)
    if value:
        width = max(value / widest, _SEEN)
        told = plot.told(series, place)
        x = percent((1 - width) / 2)
        yield marked("rect", told, class_="s1", x=x, y=top + 22, width=percent(width), height=_BAR, rx=3)
