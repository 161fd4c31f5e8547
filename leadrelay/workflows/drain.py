"""Working off what is due: oldest first, page after page, every kind in its turn, for as long as there is time.

What was not reached stays due, and the next sweep begins with the oldest of it. A page is read with one question; a
record that moved on meanwhile is read again, for a row of an index and a page are hints: what counts is the record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from leadrelay.domain.clocks.clock import AT_ONCE
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import DueKind, DueRow, Key, Record, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.overdue import Sweep, answer
from leadrelay.workflows.spare import Lasts, for_at_most, spared

KINDS: tuple[DueKind, ...] = ("clock", "touch", "sync", "notice", "poll")

_Page = Sequence[tuple[DueRow, Record | None]]
"""Rows with their records; None where it could not be read with the others."""


@dataclass(slots=True)
class Drain:
    """One sweep's work on what is due. It looks `ahead` as far as the next sweep is away. `away` is why a kind was not
    worked to its end: its turn comes with the next sweep, and the others had theirs."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    ahead: timedelta = AT_ONCE
    page: int = 200
    patience: timedelta = timedelta(seconds=15)
    away: list[Retry] = field(default_factory=list)

    def __call__(self, lasts: Lasts) -> int:
        """Until nothing is due, for at most `patience`, and while it `lasts`; returns how many rows were acted on.
        Raises Retry at the end when the table was away for some of it."""
        now = self.clock.now()
        kinds = [self._pages(kind, now) for kind in KINDS]
        goes_on = for_at_most(self.patience, self.clock, lasts)
        acted = sum(self._work(page, goes_on) for page in self._in_turn(kinds, goes_on))
        if self.away:
            raise self.away[0]
        return acted

    def _in_turn(self, kinds: Sequence[Iterator[_Page]], lasts: Lasts) -> Iterator[_Page]:
        """A page of each kind, then the next of each: a burst of one holds up no other."""
        waiting = deque(kinds)
        while waiting and lasts():
            pages = waiting.popleft()
            try:
                page = next(pages, None)
            except Retry as trouble:
                self.away.append(trouble)
                continue
            if page is not None:
                waiting.append(pages)
                yield page

    def _pages(self, kind: DueKind, now: datetime) -> Iterator[_Page]:
        """Each begins behind the one before: what cannot be worked is in nobody's way."""
        until = now + self.ahead if kind == "clock" else now
        rows = self.store.due(kind, until, self.page)
        oldest = min((row.at for row in rows), default=now)
        self.telemetry.count("SlaBacklogSeconds", max(0.0, (now - oldest).total_seconds()), kind=kind)
        while rows:
            yield list(zip(rows, self._read(rows), strict=True))
            rows = self.store.due(kind, until, self.page, rows[-1]) if len(rows) == self.page else []

    def _read(self, rows: Sequence[DueRow]) -> Sequence[Record | None]:
        try:
            return self.store.load_all([row.key for row in rows])
        except (Reject, Misconfigured, TypeError):  # one of them cannot be understood: each is read by itself
            return [None] * len(rows)

    def _work(self, page: _Page, lasts: Lasts) -> int:
        acts = ((row, partial(self._act, row.key, record)) for row, record in page)
        return sum(lasts() and spared(row.kind, row.key, act, self.telemetry) for row, act in acts)

    def _act(self, key: Key[Record], record: Record | None) -> bool:
        try:
            return self._answer(self.store.load(key) if record is None else record)
        except Conflict:
            return self._answer(self.store.load(key))

    def _answer(self, record: Record | None) -> bool:
        """Somebody else's change wins."""
        sweep = Sweep(self.store, self.rules.current(), self.clock.now(), self.telemetry, self.ahead)
        if record is None or not sweep.is_due(record):
            return False
        self.store.commit(answer(record, sweep))
        return True
