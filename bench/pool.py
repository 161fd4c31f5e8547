"""How fast one pool's leads are given out: one by one, and ten in a transaction, as a batch of the queue brings them.

Deciding and the store in memory, without a network: what a network adds is the calls, which are counted, times its
round trip. A pool is one record, so its leads are given out one group after the other, however many routers there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import Any

from bench.cost import size
from leadrelay.aws.table.items import item_of
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.store import Change, Key
from leadrelay.workflows.route import TOGETHER, Route
from tests.domain.people import NOW
from tests.system import default_rules
from tests.workflows.racing import enter

SIZES = (1, TOGETHER)


class Counting(MemoryStore):
    """Calls by name, and the write units of each kind of record as DynamoDB bills a transaction: two per started KB."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.counting = 0.0

    def load_all(self, keys: Sequence[Key[Any]]) -> list[Any]:
        """Counted as one."""
        self.calls["load_all"] += 1
        return super().load_all(keys)

    def commit(self, change: Change) -> None:
        """Counted, with what it would cost; counting takes no time of the router's."""
        self.calls["commit"] += 1
        begun = perf_counter()
        for put in change.puts:
            self.units[put.record.kind] += 2 * ceil(size(item_of(put.record)) / 1024)
        self.counting += perf_counter() - begun
        super().commit(change)


@dataclass(frozen=True, slots=True)
class Given:
    """Leads that were given out in groups of `together`, in so many seconds."""

    together: int
    leads: int
    seconds: float
    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)

    @property
    def a_second(self) -> float:
        """Leads per second."""
        return self.leads / self.seconds


def measure(leads: int) -> list[Given]:
    """Give so many leads of one pool out, in groups of each size."""
    _given(TOGETHER, TOGETHER)  # only warms the process
    return [_given(leads, together) for together in SIZES]


def _given(leads: int, together: int) -> Given:
    store, rules = Counting(), default_rules()
    asked = enter(store, leads)[:leads]
    asked = [(fact, metadata.with_(rules_version=rules.version)) for fact, metadata in asked]
    route = Route(store, MemoryRules(rules), MemoryClock(NOW), MemoryTelemetry())
    store.calls.clear()
    store.units.clear()
    store.counting = 0.0
    start = perf_counter()
    failed = [route(asked[number : number + together]) for number in range(0, leads, together)]
    seconds = perf_counter() - start - store.counting
    if any(failed):
        raise RuntimeError("a lead was not given out")
    return Given(together, leads, seconds, store.calls, store.units)
