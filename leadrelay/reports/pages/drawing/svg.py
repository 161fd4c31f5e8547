"""Elements of SVG, escaped in one place."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from leadrelay.reports.pages.drawing.plot import Plot

_LONG = 7
"""Letters of a label for which the narrow room is enough."""


def element(name: str, *inside: str | Markup, **attributes: str | float) -> Markup:
    """An element. Python's own words end with an underscore (`class_`), dashes are underscores; numbers are rounded."""
    told = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{told}>{''.join(map(str, map(escape, inside)))}</{name}>")  # noqa: S704 - escaped just here


def percent(part: float) -> str:
    """A place on the width: 0 to 1."""
    return f"{part * 100:.3f}".rstrip("0").rstrip(".") + "%"


def picture(plot: Plot, height: float, marks: Sequence[Markup], beside: Sequence[str] = ()) -> Markup:
    """The whole chart, with a title and a description for who hears it; room is left for the labels `beside` it."""
    about = [element("title", plot.title, id=f"{plot.id}-title"), element("desc", plot.desc, id=f"{plot.id}-desc")]
    labelled = f"{plot.id}-title {plot.id}-desc"
    return element(
        "svg",
        *about,
        *marks,
        class_=f"chart {plot.form}{_room(beside)}",
        role="img",
        width="100%",
        height=height,
        aria_labelledby=labelled,
    )


def marked(name: str, told: str, **attributes: str | float) -> Markup:
    """A mark that says its value when it is pointed at."""
    return element(name, element("title", told), **attributes)


def _room(beside: Sequence[str]) -> str:
    longest = max(map(len, beside), default=0)
    return f" {'wide' if longest > _LONG else 'narrow'}-axis" if longest else ""


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> Markup:
    return escape(value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip("."))
