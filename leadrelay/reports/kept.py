"""The rows that the schedule made last, in an engine."""

from __future__ import annotations

import tempfile
from pathlib import Path

from leadrelay.ports.warehouse import About, Rows
from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine, NoFacts


def kept(rows: Rows) -> tuple[Engine, About]:
    """The base tables that are shown now, and what is said of them. Raises NoFacts before the first run; Reject
    ("rows_gone") where a run was cleared away meanwhile, Retry, Misconfigured."""
    shown = rows.shown()
    if shown is None:
        raise NoFacts("no rows were made yet: the schedule makes them some minutes after the first fact")
    with tempfile.TemporaryDirectory() as folder:
        for table in BASE:
            if table in shown.about.tables:
                rows.fetch(shown.about.run, table, Path(folder, f"{table}.parquet"))
        return Engine.over_rows(Path(folder)), shown.about
