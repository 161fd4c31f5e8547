"""Charts as SVG of our own: they need no script and no style but ours, keep their text size at any width, and say what
they show to who does not see them.

Places are percent of the width, so that a chart fits a phone and a sheet of paper alike; only heights are pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from leadrelay.reports.pages.drawing.columns import columns
from leadrelay.reports.pages.drawing.funnel import funnel
from leadrelay.reports.pages.drawing.heat import heat
from leadrelay.reports.pages.drawing.lines import lines
from leadrelay.reports.pages.drawing.plot import Plot
from leadrelay.reports.pages.drawing.rows import rows
from leadrelay.reports.pages.drawing.svg import picture

_FORMS: Mapping[str, Callable[[Plot], Markup]] = {
    "line": lines,
    "heat": heat,
    "funnel": funnel,
}


def draw(plot: Plot) -> Markup:
    """The chart: bars stand along a time axis, and lie, each under its name, for everything else."""
    if not plot.labels:
        return picture(plot, 1, ())
    form = _FORMS.get(plot.form, columns if plot.timed else rows)
    return form(plot)
