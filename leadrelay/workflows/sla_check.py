"""The sweep: what fell due is said, and what nobody answered is said again. Nothing else.

It asks "due by now", never "due since last time": a late, doubled or skipped sweep misses nothing. Because every
addressed fact leaves a due row behind, the sweep is also the detector of lost work.
Then it looks at who waits in a pool (`backlog`). What only the time of day changes comes last, and within its own
limit: no clock waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import CursorRecord, cursor_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, DueKind, DueRow, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.backlog import Backlog
from leadrelay.workflows.nights import Nights
from leadrelay.workflows.overdue import Sweep, answer
from leadrelay.workflows.spare import spared

_KINDS: tuple[DueKind, ...] = ("clock", "touch", "sync", "notice", "poll")


@dataclass(frozen=True, slots=True)
class SlaCheck:
    """The workflow with its ports. `limit` is how many rows of each kind one sweep takes on."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    limit: int = 500

    def __call__(self) -> int:
        """One sweep; returns how many rows were acted on."""
        self.telemetry.count("SlaTick")
        self._enlist()
        acted = sum(self._sweep(kind) for kind in _KINDS)
        acted += Backlog(self.store, self.rules, self.clock, self.telemetry)()
        acted += Nights(self.store, self.rules, self.clock, self.telemetry)()
        self.telemetry.line("sweep", acted=acted)
        return acted

    def _enlist(self) -> None:
        """A source that is polled since a rules change has its turn from now on."""
        polled = list(self.rules.current().polled)
        known = self.store.load_all([cursor_key(name) for name in polled])
        for name, record in zip(polled, known, strict=True):
            if record is None or record.due_at is None:
                self._begin(record or CursorRecord(source=name, due_at=None))

    def _begin(self, record: CursorRecord) -> None:
        begun = record.with_(version=record.version + 1, due_at=self.clock.now())
        try:
            self.store.commit(Change(cause=f"poll:{record.source}:{begun.version}", puts=(Put(begun),)))
        except (Conflict, Retry) as trouble:
            self.telemetry.count("SweepSkipped", kind="poll", trouble=type(trouble).__name__)

    def _sweep(self, kind: DueKind) -> int:
        now = self.clock.now()
        rows = self.store.due(kind, now, self.limit)
        oldest = min((row.at for row in rows), default=now)
        self.telemetry.count("SlaBacklogSeconds", (now - oldest).total_seconds(), kind=kind)
        return sum(spared(kind, row.key, partial(self._act, row), self.telemetry) for row in rows)

    def _act(self, row: DueRow) -> bool:
        """A row of the index is a hint: what counts is the record. Somebody else's change wins."""
        now = self.clock.now()
        record = self.store.load(row.key)
        due = None if record is None else record.due()
        if record is None or due is None or due.at > now:
            return False
        self.store.commit(answer(record, Sweep(self.store, self.rules.current(), now, self.telemetry)))
        return True
