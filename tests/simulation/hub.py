"""Who runs when: a clock that nobody waits for, events in its order, and invocations that take turns at every call.

An invocation is plain synchronous code in a greenlet of its own. At each call of a port it may be set aside while
others run, or made to wait for a slow answer; the dice decide, so the same seed takes the same turns.
"""

from __future__ import annotations

import heapq
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from greenlet import getcurrent, greenlet

from leadrelay.domain.account.crowd import Crowd
from tests.simulation.faults import Crash

AT_ONCE = 5
"""How many invocations run at the same time."""

SOON = 2.0
"""Seconds: events this near may begin while others are at work."""


@dataclass
class Invocation:
    """One run of a function. `skew` is by how many seconds its machine's clock is wrong, `jumped` whether that changed
    meanwhile. `fate` is "done", "failed" (it raised) or "died"; `touched` says what it had changed, `crowds` how
    it last read the people of an account, by its domain, and `fired` whose clocks it has let speak, each with when that
    was due."""

    name: str
    work: Callable[[], Any]
    ended: Callable[[Invocation], None]
    deadline: float
    skew: float = 0.0
    jumped: bool = False
    fate: str = ""
    result: Any = None
    error: Exception | None = None
    asleep: bool = False
    broken: bool = False
    notes: list[str] = field(default_factory=list)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    fired: list[tuple[datetime, str]] = field(default_factory=list)
    run: Any = None

    def __call__(self) -> None:
        """The body of the greenlet."""
        try:
            self.result = self.work()
            self.fate = "done"
        except Crash:
            self.fate = "died"
        except Exception as error:  # as Lambda does: whatever was not caught is a failed invocation
            self.error, self.fate = error, "failed"


class Hub:
    """The loop. `now` is seconds since the beginning; `trace` is a number that stands for everything that happened."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 0.0
        self.active: list[Invocation] = []
        self.current: Invocation | None = None
        self.trace = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = 0

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Let something happen at this time, or now if it has passed."""
        self._sequence += 1
        heapq.heappush(self._events, (max(when, self.now), self._sequence, what))

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        """Let something happen after so many seconds."""
        self.at(self.now + seconds, what)

    def next_event(self) -> float | None:
        """When the next event is."""
        return self._events[0][0] if self._events else None

    def begin(self, invocation: Invocation) -> None:
        """Start an invocation; it takes its first turn when it is chosen."""
        invocation.run = greenlet(invocation)
        self.active.append(invocation)

    def step(self, horizon: float | None = None) -> bool:
        """One turn, or one event not later than the horizon; False when there is neither."""
        ready = [each for each in self.active if not each.asleep]
        upcoming = self.next_event()
        if ready and not self._begins_meanwhile(upcoming):
            self._turn(ready[0] if len(ready) == 1 else self.rng.choice(ready))
            return True
        if upcoming is None or (horizon is not None and upcoming > horizon):
            return False
        self.now, _, what = heapq.heappop(self._events)
        what()
        return True

    def _begins_meanwhile(self, upcoming: float | None) -> bool:
        if upcoming is None or upcoming > self.now + SOON or len(self.active) >= AT_ONCE:
            return False
        return self.rng.random() < 0.4

    def _turn(self, invocation: Invocation) -> None:
        self.current = invocation
        invocation.run.switch()
        self.current = None
        if invocation.run.dead:
            self._end(invocation)

    def _end(self, invocation: Invocation) -> None:
        self.active.remove(invocation)
        self.mark(f"{invocation.name} {invocation.fate}")
        invocation.ended(invocation)

    def give_way(self) -> None:
        """Called inside an invocation: let others run first."""
        getcurrent().parent.switch()

    def sleep(self, seconds: float) -> None:
        """Called inside an invocation: wait for a slow answer. Who waits past their time-out is killed."""
        mine = self.current
        assert mine is not None
        wake = min(self.now + seconds, mine.deadline)
        killed = self.now + seconds >= mine.deadline
        mine.asleep = True
        self.at(wake, lambda: setattr(mine, "asleep", False))
        self.give_way()
        if killed:
            mine.notes.append("killed")
            raise Crash

    def kill_all(self) -> int:
        """Every worker dies at once; returns how many there were."""
        victims = list(self.active)
        for each in victims:
            each.asleep = False
            if each.run:
                each.run.throw(Crash)
            else:
                each.fate = "died"  # killed before its first turn
            self._end(each)
        return len(victims)

    def abandon(self) -> None:
        """The world ends, whoever is still at work."""
        for each in self.active:
            each.run.throw()
        self.active.clear()

    def mark(self, what: str) -> None:
        """Mix into the trace: two runs of a seed must end with the same."""
        self.trace = zlib.crc32(f"{self.now:.6f} {what}".encode(), self.trace)
