"""What `leadrelay report live gaps` shows: sources, forms, days and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from leadrelay.workflows.gaps import Gap

_NUMBERS = ("theirs", "ours", "found", "gone")


def gaps_table(gaps: Sequence[Gap], title: str) -> Table:
    """One row for each form and day, and the sum."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    for name in ("source", "form", "day (UTC)"):
        table.add_column(name)
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    table.add_column("listed anew (UTC)")
    for gap in gaps:
        checked = "" if gap.checked_at is None else f"{gap.checked_at:%Y-%m-%d %H:%M}"
        numbers = (str(getattr(gap, name)) for name in _NUMBERS)
        table.add_row(escape(gap.source), escape(gap.form) or "(none)", gap.day, *numbers, checked)
    table.add_section()
    table.add_row("all", "", "", *(str(sum(getattr(gap, name) for gap in gaps)) for name in _NUMBERS), "")
    return table
