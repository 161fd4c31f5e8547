"""Every single trouble in a lead's life, exhaustively: whatever breaks, the end is the same.

The life is told once without trouble to count the port calls and the addressed facts; then it is told again once for
each of them, with just that one broken, lost or doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Literal

import pytest

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import RetryLater, Unknown, WriteOp, WriteResult
from leadrelay.ports.errors import Conflict, Retry
from tests.system import Crash, Faults, System, noisy_rules
from tests.workflows import lives, promises

When = Literal["before", "after"]


@cache
def calm() -> System:
    """The same life without trouble."""
    system = System(noisy_rules())
    lives.whole_life(system)
    return system


def end(system: System) -> tuple[object, ...]:
    """What trouble must not change."""
    [record] = system.leads()
    lead = record.lead
    return (
        lead.touches,
        lead.stage,
        lead.score.total,
        lead.attempts,
        lead.ownership.pool,
        lead.contacted_at is not None,
        sorted(lead.signals),
        record.profile.plain(),
        len(system.crm.people),
        len(system.crm.tasks),
    )


def troubled(faults: Faults, lost: int | None = None) -> System:
    system = System(noisy_rules(), faults=faults, lost=lost)
    lives.whole_life(system)
    lives.quieten(system)
    promises.kept(system)
    return system


def every(trouble: Callable[[int], System], numbers: Iterable[int]) -> None:
    """Each number in turn; a failure names it."""
    for number in numbers:
        try:
            system = trouble(number)
            assert end(system) == end(calm())
        except AssertionError as failed:
            raise AssertionError(f"trouble at {number}") from failed


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_dies_at_any_call(when: When) -> None:
    calls = len(calm().faults.calls)
    assert calls > 100
    every(lambda number: troubled(Faults(number, when, Crash)), range(calls))


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_table_or_the_messenger_is_away_at_any_call(when: When) -> None:
    ours = [at for at, name in enumerate(calm().faults.calls) if not name.startswith("crm.")]
    every(lambda at: troubled(Faults(at, when, lambda: Retry(1, "away"))), ours)


@dataclass
class MoodyCrm(MemoryCrm):
    """Answers operation number `at` in its own way, after it took effect or instead."""

    at: int
    effect: bool
    answer: Callable[[WriteOp], WriteResult]

    def __post_init__(self) -> None:
        super().__init__()
        self.received = 0

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        return [self._moody(op) for op in ops]

    def _moody(self, op: WriteOp) -> WriteResult:
        number, self.received = self.received, self.received + 1
        if number != self.at:
            return super().write([op])[0]
        if self.effect:
            super().write([op])
        return self.answer(op)


MOODS: dict[str, tuple[bool, Callable[[WriteOp], WriteResult]]] = {
    "no answer, done": (True, lambda op: Unknown(op.op_id)),
    "no answer, not done": (False, lambda op: Unknown(op.op_id)),
    "slow down": (False, lambda op: RetryLater(op.op_id, 10, "10s")),
    "away for a while": (False, lambda op: RetryLater(op.op_id, 90, "outage")),
}


@pytest.mark.parametrize("mood", MOODS)
def test_the_crm_is_in_a_mood_at_any_operation(mood: str) -> None:
    def trouble(at: int) -> System:
        system = System(noisy_rules(), crm=MoodyCrm(at, *MOODS[mood]))
        lives.whole_life(system)
        lives.quieten(system)
        promises.kept(system)
        return system

    assert len(calm().crm.written) > 10
    every(trouble, range(len(calm().crm.written)))


def test_somebody_else_is_faster_at_any_commit() -> None:
    """But for ingest: a touch that is there already was this one."""
    calls = calm().faults.calls
    ours = [at for at, name in enumerate(calls) if name == "store.commit" and calls[at - 1] != "store.put_once"]
    every(lambda at: troubled(Faults(at, "before", lambda: Conflict("any"))), ours)


@dataclass
class Storm(Faults):
    """Breaks calls at random, as long as it rages; a CRM answers or the process dies, it never raises."""

    seed: int = 0
    rages: bool = True

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        self.calls.append(name)
        if not self.rages or self.dice.random() > 0.08:
            return effect()
        if self.dice.random() < 0.5:
            effect()
        raise Crash if name.startswith("crm.") or self.dice.random() < 0.5 else Retry(1, "away")


@pytest.mark.parametrize("seed", range(60))
def test_many_troubles_at_once(seed: int) -> None:
    storm = Storm(seed=seed)
    system = System(noisy_rules(), faults=storm)
    lives.whole_life(system)
    storm.rages = False
    system.queue.extend(system.failed)  # a person redrives the dead-letter queues
    system.failed.clear()
    for _ in range(3):
        lives.quieten(system)
    promises.kept(system)
    assert end(system)[:4] == end(calm())[:4]


def test_any_one_message_is_lost() -> None:
    assert calm().addressed > 15
    every(lambda number: troubled(Faults(), lost=number), range(calm().addressed))


def test_every_message_comes_twice_and_late() -> None:
    system = System(noisy_rules())
    lives.whole_life(system)
    before = end(system), len(system.store._rows), len(system.crm.written), len(system.notifier.sent)
    for said in [said for said in system.said if said.name in system.works]:
        assert system.work(said) == {"batchItemFailures": []}
        assert system.work(said) == {"batchItemFailures": []}
    system.settle()
    assert (end(system), len(system.store._rows), len(system.crm.written), len(system.notifier.sent)) == before
    promises.kept(system)
