"""Lines along an axis: where nothing is known the line is broken."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.grid import framed, middle, y_of
from leadrelay.reports.pages.drawing.plot import Plot, Series
from leadrelay.reports.pages.drawing.scale import Scale, scale
from leadrelay.reports.pages.drawing.svg import element, marked, percent


def lines(plot: Plot) -> Markup:
    """The chart."""
    axis = scale(plot.numbers, seconds=plot.seconds)
    found = [_series(plot, number, series, axis) for number, series in enumerate(plot.series, 1)]
    return framed(plot, axis, [mark for marks in found for mark in marks])


def _series(plot: Plot, number: int, series: Series, axis: Scale) -> Iterator[Markup]:
    known = [(place, value) for place, value in enumerate(series.values) if value is not None]
    at = {place: (percent(middle(place, plot)), y_of(value, axis)) for place, value in known}
    for place, (x, y) in at.items():
        if place + 1 in at:
            to_x, to_y = at[place + 1]
            yield element("line", class_=f"s{number}", x1=x, y1=y, x2=to_x, y2=to_y)
    for place, (x, y) in at.items():
        yield marked("circle", plot.told(series, place), class_=f"s{number}", cx=x, cy=y, r=3.5)
