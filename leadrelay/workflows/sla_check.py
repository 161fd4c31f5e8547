"""The sweep: what fell due is said, and what nobody answered is said again. Nothing else.

It asks "due by now", never "due since last time": a late, doubled or skipped sweep misses nothing. Because every
addressed fact leaves a due row behind, the sweep is also the detector of lost work.
Then it looks at who waits in a pool (`backlog`). What only the time of day changes comes last, and within its own
limit: no clock waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from leadrelay.domain.clocks.clock import AT_ONCE
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import CursorRecord, cursor_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.backlog import Backlog
from leadrelay.workflows.drain import Drain
from leadrelay.workflows.nights import Nights
from leadrelay.workflows.readable import readable
from leadrelay.workflows.spare import Lasts, endless, spared


@dataclass(frozen=True, slots=True)
class SlaCheck:
    """The workflow with its ports. `ahead` is how long after this sweep the next one comes: a warning whose instant
    lies between them is said now, at the last sweep before it; 0 looks at what is due by now. `page` is how many rows
    of a kind are taken on before the next kind has its turn."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    ahead: timedelta = AT_ONCE
    page: int = 200

    def __call__(self, lasts: Lasts = endless) -> int:
        """One sweep, which begins nothing new once it does not last any longer; returns how many rows were acted on.
        Where the table was away for a part of it, the other parts are done, then Retry is raised."""
        acted, away = 0, []
        for part in self._parts(lasts):
            try:
                acted += part()
            except Retry as trouble:
                away.append(trouble)
        self.telemetry.line("sweep", acted=acted, failed=len(away))
        if away:
            raise away[0]
        self.telemetry.count("SlaTick")
        return acted

    def _parts(self, lasts: Lasts) -> Iterator[Callable[[], int]]:
        ports = (self.store, self.rules, self.clock, self.telemetry)
        yield self._enlist
        yield partial(Drain(*ports, self.ahead, self.page), lasts)
        yield partial(Backlog(*ports), lasts)
        yield partial(Nights(*ports), lasts)

    def _enlist(self) -> int:
        """A source that is polled since a rules change has its turn from now on."""
        polled = self.rules.current().polled
        found = readable(self.store, [cursor_key(name) for name in polled])
        known = {record.source: record for record in found if isinstance(record, CursorRecord)}
        for name in polled:
            record = known.get(name, CursorRecord(source=name, due_at=None))
            if record.due_at is None:
                spared("poll", record.key(), partial(self._begin, record), self.telemetry)
        return 0

    def _begin(self, record: CursorRecord) -> bool:
        begun = record.with_(version=record.version + 1, due_at=self.clock.now())
        self.store.commit(Change(cause=f"poll:{record.source}:{begun.version}", puts=(Put(begun),)))
        return True
