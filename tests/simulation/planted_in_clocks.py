"""Bugs planted on purpose: clocks that forget, that speak too early, and sweeps that leave something behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

from leadrelay.domain import decide
from leadrelay.domain.clocks import keeping, pausing
from leadrelay.domain.clocks.facts import SlaWarned
from leadrelay.domain.clocks.machine import due_kinds, fired
from leadrelay.domain.facts import Fact
from leadrelay.domain.handing import assign
from tests.simulation.store import WorldStore

Planted = Callable[[], AbstractContextManager[Any]]


def _warning_is_the_end() -> Any:
    """Who was warned is left in peace."""

    def apply(self: SlaWarned, lead: Any, at: Any) -> Any:
        return lead.with_(clocks=tuple(clock for clock in lead.clocks if clock.kind != self.kind))

    return mock.patch.object(SlaWarned, "apply", apply)


def _oldest_only() -> Any:
    """A sweep takes on one clock, and believes that it is done."""
    real = WorldStore.due

    def due(self: WorldStore, kind: Any, *asked: Any) -> Any:
        return real(self, kind, *asked)[: 1 if kind == "clock" else None]

    return mock.patch.object(WorldStore, "due", due)


def _minutes_ahead() -> Any:
    """Whatever falls due within two minutes is said at once."""
    early = timedelta(minutes=2)

    def kinds(lead: Any, now: Any, *ahead: Any) -> Any:
        return due_kinds(lead, now + early, *ahead)

    def spoken(lead: Any, kind: Any, rules: Any, now: Any, *ahead: Any) -> Iterator[Fact]:
        return fired(lead, kind, rules, now + early, *ahead)

    return mock.patch.multiple(decide, due_kinds=kinds, fired=spoken)


def _warned_when_over() -> Any:
    """The owner is warned of a deadline that has passed."""

    def stale(lead: Any, kind: Any, rules: Any, now: Any, *ahead: Any) -> Iterator[Fact]:
        clock = lead.clock(kind)
        if clock is not None and clock.warn_at is not None and clock.over_at <= now:
            yield SlaWarned(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at)
        yield from fired(lead, kind, rules, now, *ahead)

    return mock.patch.object(decide, "fired", stale)


def _newest_first() -> Any:
    """A sweep begins with what has waited the shortest."""
    real = WorldStore.due

    def due(self: WorldStore, kind: Any, *asked: Any) -> Any:
        return real(self, kind, *asked)[:: -1 if kind == "clock" else 1]

    return mock.patch.object(WorldStore, "due", due)


def _clock_per_owner() -> Any:
    """The lead's own clock begins anew with every owner."""
    ours = replace(keeping.TABLE["lead"], since=lambda lead: lead.ownership.since, of_hop=True)
    return mock.patch.object(keeping, "TABLE", {**keeping.TABLE, "lead": ours})


IN_CLOCKS: dict[str, Planted] = {
    "a warning is the end of its clock": _warning_is_the_end,
    "a sweep takes on the oldest clock alone": _oldest_only,
    "a clock speaks before its time": _minutes_ahead,
    "who was breached is warned, too": _warned_when_over,
    "a sweep begins with the newest": _newest_first,
    "who is given a lead promises nothing but a call": lambda: mock.patch.object(assign, "keep"),
    "a lead's own clock begins anew with every owner": _clock_per_owner,
    "what was kept is promised once more": lambda: mock.patch.object(keeping, "_was_kept", return_value=False),
    "a pause gives an hour to who set it": lambda: mock.patch.object(
        pausing, "_after", lambda now, seconds, hours: hours.add(now, seconds + 3_600)
    ),
}
"""What is broken, and how to break it."""
