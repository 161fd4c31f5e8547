"""Bugs planted on purpose: turns without leads, leads that nobody counts, caps that are looked at too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from leadrelay.domain.routing import eligibility
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.staffing import Needs
from leadrelay.domain.routing.workload import carrier
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import PoolRecord, RepRecord
from leadrelay.ports.store import Change, Put
from leadrelay.workflows import nights, outcome, route, staff
from leadrelay.workflows.staff import Staff
from tests.simulation.store import WorldStore

Planted = Callable[[], AbstractContextManager[Any]]


def _turn_without_lead() -> Any:
    """A pool's turn is taken in a transaction of its own, when the pool is read."""
    real = Staff.read

    def read(self: Staff, needs: Needs) -> None:
        for pool in needs.pools:
            _take_turn(self._store, pool)
        real(self, needs)

    return mock.patch.object(Staff, "read", read)


def _take_turn(store: Any, pool: str) -> None:
    record = store.load(PoolRecord(pool_id=pool).key()) or PoolRecord(pool_id=pool)
    ledger = record.turns.of("other")
    moved_on = ledger.with_(given={**ledger.given, "anna": ledger.given.get("anna", 0) + 1})
    moved = record.with_(version=record.version + 1, turns=record.turns.after("other", moved_on))
    try:
        store.commit(Change("turn", (Put(moved),)))
    except Conflict:
        return


@dataclass(frozen=True)
class _Newest:
    """Rules that are always the newest, whatever version is asked for."""

    rules: Any

    def version(self, _: str) -> Any:
        return self.rules.current()


def _newest_rules() -> Any:
    """Route decides by the newest rules and writes down those of the fact."""
    real = route.Route.__call__

    def call(self: route.Route, batch: Any) -> Any:
        newest: Any = _Newest(self.rules)
        return real(replace(self, rules=newest), batch)

    return mock.patch.object(route.Route, "__call__", call)


def _weighs_though(**said: object) -> Planted:
    """A lead weighs on its owner, whatever it says here."""

    @contextmanager
    def planted() -> Iterator[None]:
        def carried(lead: Any, rules: Any) -> str | None:
            return carrier(lead.with_(**said), rules)

        with ExitStack() as stack:
            for module in (nights, outcome, staff):
                stack.enter_context(mock.patch.object(module, "carrier", carried))
            yield

    return planted


def _felt_too_late() -> Any:
    """All leads of a batch are chosen for before any of them weighs on anybody."""
    feel, puts = Staff.feel, Staff.puts

    def feel_later(self: Staff, before: Any, decision: Any) -> None:
        self.__dict__.setdefault("later", []).append((before, decision))

    def puts_after(self: Staff) -> Iterator[Put]:
        for before, decision in self.__dict__.get("later", []):
            feel(self, before, decision)
        yield from puts(self)

    return mock.patch.multiple(Staff, feel=feel_later, puts=puts_after)


def _reps_over_each_other() -> Any:
    """A rep's state is written over whatever version is there."""
    real = WorldStore.commit

    def over(store: WorldStore, put: Put) -> Put:
        known = store.load(put.record.key()) if isinstance(put.record, RepRecord) else None
        return put if known is None else Put(put.record.with_(version=known.version + 1))

    def commit(self: WorldStore, change: Change) -> None:
        real(self, Change(change.cause, tuple(over(self, put) for put in change.puts), change.unchanged))

    return mock.patch.object(WorldStore, "commit", commit)


def _kept_without(**said: object) -> Planted:
    """The record of a choice leaves out what was known of pools or reps."""
    kept = DecisionRecord.kept
    return lambda: mock.patch.object(DecisionRecord, "kept", lambda self: kept(self.with_(**said)))


def _no_test(name: str) -> Planted:
    """Nobody is passed over for this."""
    tests = tuple(test for test in eligibility.TESTS if test[0] != name)
    return lambda: mock.patch.object(eligibility, "TESTS", tests)


AT_WORK: dict[str, Planted] = {
    "a turn is taken without its lead": _turn_without_lead,
    "route decides by the newest rules": _newest_rules,
    "nobody counts what a rep has": lambda: mock.patch.object(staff, "shifts", return_value={}),
    "who gave a lead back still has it": _weighs_though(disposition=None),
    "a lead that became another stays with its rep": _weighs_though(merged_into=None),
    "a lead that nobody is shown weighs on its owner": _weighs_though(standing="live"),
    "two change a rep at the same time": _reps_over_each_other,
    "a batch is chosen for before it weighs on anybody": _felt_too_late,
    "no cap is looked at": _no_test("cap"),
    "the turns before a choice are not kept": _kept_without(turns={}),
    "what was known of the reps is not kept": _kept_without(reps={}),
}
"""What is broken, and how to break it."""
