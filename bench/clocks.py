"""After an outage: so many clocks are due at once, and the sweep works them off.

Deciding and the store in memory, without a network: what a network adds is the calls, which are counted, times its
round trip. The units are those of the real items by the documented rules, of the first of them, as in `cost`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle, islice
from math import ceil
from time import process_time
from typing import Any

from bench.cost import Bill, size
from bench.night import worked
from leadrelay.aws.table.items import item_of
from leadrelay.aws.table.keys import SHARDS
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.records import LeadRecord, RescoreRecord
from leadrelay.ports.store import Change, DueKind, DueRow, Key, Record
from leadrelay.workflows.drain import Drain
from leadrelay.workflows.spare import endless
from tests.system import MONDAY_NOON, default_rules

_OUTAGE, _TONIGHT = timedelta(hours=1), timedelta(hours=15)
_BILLED = 1000
_READ_BYTES, _INDEX_BYTES = 4096, 200


class Outage(MemoryStore):
    """Keeps leads, and lets go of what no sweep reads again. `calls` counts what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """Counted as one question to each shard."""
        self.calls["query"] += SHARDS
        return super().due(kind, now, limit, after)

    def load_all(self, keys: Sequence[Key[Any]]) -> list[Any]:
        """Counted as one."""
        self.calls["load_all"] += 1
        return [super(Outage, self).load(key) for key in keys]

    def load(self, key: Key[Any]) -> Any:
        """Counted as one."""
        self.calls["load"] += 1
        return super().load(key)

    def commit(self, change: Change) -> None:
        """Counted as one; its log rows are forgotten once they are said."""
        self.calls["commit"] += 1
        super().commit(change)
        for log in change.logs():
            self.facts.update(fact.name for fact in log.announces())
            del self._rows[log.key().pk, log.key().sk]


class Billed(Outage):
    """Counts units, too: of reading by the reader's question, of writing by `cost.Bill`."""

    def __init__(self) -> None:
        super().__init__()
        self.bill = Bill()
        self.read = 0.0

    def put(self, record: Record) -> None:
        """What is there already costs nothing; its place in the indexes is known."""
        super().put(record)
        self.bill.put(item_of(record), 2)
        self.bill.units.clear()

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """Half a unit for each started 4 KB of each shard."""
        rows = super().due(kind, now, limit, after)
        self.read += SHARDS * 0.5 * max(1, ceil(len(rows) / SHARDS * _INDEX_BYTES / _READ_BYTES))
        return rows

    def load_all(self, keys: Sequence[Key[Any]]) -> list[Any]:
        """A unit for each started 4 KB of each record; one for a record that is not there."""
        found = super().load_all(keys)
        self.read += sum(1 if each is None else ceil(size(item_of(each)) / _READ_BYTES) for each in found)
        return found

    def commit(self, change: Change) -> None:
        """As the table bills a transaction."""
        super().commit(change)
        for put in change.puts:
            self.bill.put(item_of(put.record), 2)


@dataclass(frozen=True, slots=True)
class Drained:
    """So many `clocks` that were due in so many `seconds` of deciding; what was said; calls of the store; units per
    clock."""

    clocks: int
    seconds: float
    facts: Counter[str]
    calls: Counter[str]
    read_units: float
    write_units: float = field(default=0.0)

    @property
    def a_second(self) -> float:
        """Clocks worked off in a second."""
        return self.clocks / self.seconds


def measure(clocks: int, seed: int, people: int = 200) -> Drained:
    """Leads of so many different `people`, each with a first contact that nobody made while the sweep was away."""
    alike = [record for record in worked(people, seed) if record.lead.clock("first_contact") is not None]
    store = Outage()
    seconds = _drain(store, alike, clocks)
    billed = Billed()
    _drain(billed, alike, count := min(clocks, _BILLED))
    written = billed.bill.units.total()
    return Drained(clocks, seconds, store.facts, store.calls, billed.read / count, written / count)


def _drain(store: Outage, alike: Sequence[LeadRecord], clocks: int) -> float:
    rules, clock = MemoryRules(default_rules()), MemoryClock(MONDAY_NOON + _OUTAGE)
    night = RescoreRecord(
        version=1,
        lead_id="",
        due_at=MONDAY_NOON + _TONIGHT,
        rules_version=default_rules().version,
        since=MONDAY_NOON,
    )
    for number, record in enumerate(islice(cycle(alike), clocks)):
        lead_id = f"{number:032x}"
        store.put(record.with_(version=1, lead=record.lead.with_(lead_id=lead_id)))
        store.put(night.with_(lead_id=lead_id))
    drain = Drain(store, rules, clock, MemoryTelemetry())
    begun = process_time()
    acted = drain(endless)
    seconds = process_time() - begun
    if acted != clocks or drain(endless):
        raise RuntimeError(f"{acted} of {clocks} clocks were worked off")
    return seconds
