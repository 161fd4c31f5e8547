"""Makes the rows that reports are counted from: asks the warehouse for every base table, and shows all of them at once.

A run that fails leaves what was shown. Two at once harm nobody: the one that is shown second finds that what it meant
to replace is there no more, and gives way.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict
from leadrelay.ports.telemetry import Telemetry
from leadrelay.ports.warehouse import About, Rows, Shown, Warehouse
from leadrelay.reports.base import BASE
from leadrelay.reports.base.dialect import TOLD, Asking
from leadrelay.reports.parquet import to_parquet

LATE = timedelta(days=1)
"""An object may come so late after its day has begun to be counted; rows that are older than that are made anew."""

EVER = date(2020, 1, 1)
"""Before the first fact."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """The workflow with its ports, and what it asks."""

    warehouse: Warehouse
    rows: Rows
    asking: Asking
    clock: Clock
    telemetry: Telemetry

    def __call__(self, run: str, folder: Path) -> About:
        """What is shown afterwards. `run` is a name that no other run has; `folder` is empty, for answers and tables.
        Where nothing came since the last run, nothing is asked. Raises Retry, Reject, Misconfigured."""
        shown = self.rows.shown()
        now = self.clock.now()
        if shown and not self._stale(shown.about, now):
            return self._show(shown.about.with_(looked_at=now), shown)
        since = (now - LATE).date() if shown else EVER
        objects = self.warehouse.objects(since)  # counted before: what comes meanwhile counts as new next time
        about = self._made(run, folder).with_(looked_at=now, since=since, objects=objects)
        return self._show(about.with_(former=shown and shown.about.run), shown)

    def _stale(self, about: About, now: datetime) -> bool:
        if about.shape != self.asking.shape or now - about.made_at > LATE:
            return True
        return self.warehouse.objects(about.since) != about.objects

    def _made(self, run: str, folder: Path) -> About:
        began = self.clock.now()
        answers = self.warehouse.answers(self.asking.facts, self.asking.queries, folder)
        tables = {}
        for table, columns in BASE.items():
            parquet = folder / f"{table}.parquet"
            tables[table] = to_parquet(answers[table], columns, parquet)
            self.rows.put(run, table, parquet)
        facts, newest_ms = _told(answers[TOLD])
        return About(
            run=run,
            made_at=began,
            looked_at=began,
            shape=self.asking.shape,
            facts=facts,
            newest_ms=newest_ms,
            tables=tables,
            since=EVER,
            objects=0,
        )

    def _show(self, about: About, over: Shown | None) -> About:
        try:
            self.rows.show(about, over.token if over else None)
        except Conflict:
            self.telemetry.line("rows_shown_by_another_run")
            return about if (newer := self.rows.shown()) is None else newer.about
        self.rows.clear({about.run, about.former or about.run})
        self.telemetry.count("RowsShown")
        self.telemetry.line("rows_shown", facts=about.facts, rows=sum(about.tables.values()))
        return about


def _told(answer: Path) -> tuple[int, int | None]:
    """How many facts there are, and the time of the newest (milliseconds, UTC)."""
    with answer.open(encoding="utf-8", newline="") as file:
        [found] = csv.DictReader(file)
    return int(found["facts"]), int(found["newest_ms"]) if found["newest_ms"] else None
