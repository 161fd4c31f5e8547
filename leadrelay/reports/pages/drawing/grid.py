"""Lines and labels around what stands along an axis of time."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.scale import Scale
from leadrelay.reports.pages.drawing.svg import element, percent, picture

HEIGHT = 200
_TOP, _BOTTOM = 8, 28
_LABELS = 8


def framed(plot: Plot, axis: Scale, marks: list[Markup]) -> Markup:
    """Marks within the grid: `y_of` says how high."""
    ticks = [plot.tick(tick) for tick in axis.ticks]
    return picture(plot, HEIGHT + _TOP + _BOTTOM, [*_lines(plot, axis), *marks, *_names(plot)], ticks)


def y_of(value: float, axis: Scale) -> float:
    """How far from the top, in pixels."""
    return _TOP + HEIGHT * (1 - axis.part(value))


def middle(place: int, plot: Plot) -> float:
    """The middle of a label's part of the width, 0 to 1."""
    return (place + 0.5) / len(plot.labels)


def _lines(plot: Plot, axis: Scale) -> Iterator[Markup]:
    for tick in axis.ticks:
        y = y_of(tick, axis)
        yield element("line", class_="grid", x1="0%", x2="100%", y1=y, y2=y)
        yield element("text", plot.tick(tick), class_="tick", x=-8, y=y + 4, text_anchor="end")


def _names(plot: Plot) -> Iterator[Markup]:
    """Not all of them, where they would stand on each other; every other one goes on a phone."""
    every = -(-len(plot.labels) // _LABELS)
    for number, place in enumerate(range(0, len(plot.labels), every)):
        kind = "tick" if number % 2 == 0 else "tick wide"
        yield element(
            "text", plot.short[place], class_=kind, x=percent(middle(place, plot)), y=HEIGHT + _TOP + 20,
            text_anchor="middle",
        )  # fmt: skip
