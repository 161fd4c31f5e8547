"""The one door for every effect: each call of a port passes here, and here it is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import SyncRecord
from leadrelay.ports.store import Change, DueKind, DueRow, Key, R, Record
from tests.simulation.faults import Crash

if TYPE_CHECKING:
    from tests.simulation.hub import Invocation
    from tests.simulation.world import World

T = TypeVar("T")

KINDS = ("before", "after", "throttle", "unknown", "slow")
SLOW = (1.0, 8.0, 25.0, 70.0)
"""Seconds that a slow answer takes."""


class Door:
    """Breaks calls as the world's mix says: the process dies before or after the effect, the port refuses, the answer
    is lost, or it takes long. Or as it is `planned`, by the number of the call; then `heard` is who called what, and
    `on_call` is told of each call before anything happens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calls = 0
        self.planned: dict[int, str] = {}
        self.heard: list[tuple[Invocation | None, str]] = []
        self.on_call: Callable[[], None] = lambda: None

    def call(self, port: str, verb: str, effect: Callable[[], T]) -> T:
        """One call. Raises Crash, Retry, and whatever the effect raises."""
        world = self._world
        number, self.calls = self.calls, self.calls + 1
        if self.planned:
            self.heard.append((world.hub.current, verb))
            self.on_call()
        if world.mix.interleave and world.hub.rng.random() < world.mix.interleave and world.hub.current:
            world.hub.give_way()
        kind = self.planned.get(number) if self.planned else world.dice.one_of(world.mix.door, KINDS, world.mix.weights)
        if kind is None:
            return effect()
        return self._broken(kind, port, verb, effect)

    def _broken(self, kind: str, port: str, verb: str, effect: Callable[[], T]) -> T:
        world = self._world
        world.tell(f"{kind:8} {port}.{verb}")
        world.witness.disturb(port, verb, kind)
        if kind == "before":
            raise Crash
        if kind == "throttle":
            raise Retry(1, f"{port} is throttled", "second")
        result = effect()
        if kind == "slow":
            world.hub.sleep(world.dice.rng.choice(SLOW))
            return result
        if kind == "after":
            raise Crash
        raise Retry(1, f"{port} did not answer", "outage")


class StoreDoor:
    """The table, behind the door."""

    def __init__(self, world: World) -> None:
        self._world, self._store, self._call = world, world.store, world.door.call

    def load(self, key: Key[R]) -> R | None:
        record = self._call("store", "load", lambda: self._store.load(key))
        if isinstance(record, SyncRecord):
            self._world.witness.saw(record)
        return record

    def load_all(self, keys: Sequence[Key[R]]) -> list[R | None]:
        records = self._call("store", "load_all", lambda: self._store.load_all(keys))
        self._world.witness.read(keys, records)
        return records

    def commit(self, change: Change) -> None:
        try:
            self._call("store", "commit", lambda: self._store.commit(change))
        except Conflict as conflict:
            self._world.witness.conflict(conflict.key)
            raise

    def put(self, record: Record) -> None:
        self._call("store", "put", lambda: self._store.put(record))

    def put_once(self, record: Record) -> None:
        self._call("store", "put", lambda: self._store.put_once(record))

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        return self._call("store", "due", lambda: self._store.due(kind, now, limit, after))

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        return self._call("store", "listed", lambda: self._store.listed(name, limit))

    def story(self, pk: str) -> list[Record]:
        return self._call("store", "story", lambda: self._store.story(pk))
