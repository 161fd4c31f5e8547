"""The report of spam as a person reads it."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from leadrelay.domain.sources.spam_report import SpamReport, SpamRow


def spam_table(found: SpamReport, days: int) -> Table:
    """One line for each day, source, form and suspicion."""
    share = found.suspected / found.all
    title = f"Suspected in {days} days: {found.suspected} of {found.all} touches ({share:.0%})"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    for name in ("day", "source", "form", "suspicion"):
        table.add_column(name)
    for name in ("touches", "of all", "share", "let through"):
        table.add_column(name, justify="right")
    for row in found.rows:
        table.add_row(*map(escape, _cells(row)))
    return table


def _cells(row: SpamRow) -> tuple[str, ...]:
    said = (row.day.isoformat(), row.source, row.form or "", row.suspicion)
    return (*said, str(row.touches), str(row.all), f"{row.share:.0%}", str(row.let_through or ""))
