"""Templates with everything from outside escaped; nothing is loaded, and no script or style stands in a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from leadrelay.reports.pages.catalogue import LANGUAGES, catalogue
from leadrelay.reports.pages.frame import PAGES, Frame

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy under which the pages are whole."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The one style sheet."""
    return (_HERE / "style.css").read_text("utf-8")


def render(template: str, frame: Frame, **shown: object) -> str:
    """A whole page. `title` is what it is called."""
    words = frame.words
    return (
        _environment()
        .get_template(template)
        .render(
            frame=frame,
            words=words,
            say=words.say,
            menu=[(name, frame.link(PAGES[name])) for name in frame.pages],
            languages=[(name, catalogue(name).name, frame.here(name)) for name in LANGUAGES],
            style=style() if frame.alone else "",
            **shown,
        )
    )
