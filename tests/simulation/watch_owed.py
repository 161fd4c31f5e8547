"""What is promised of what is owed: whoever is given a lead is held to all that the rules promise of it, by clocks
of that assignment; the lead's own clock counts through every change of hands, and a pause takes nothing away.

Told in words of our own, for the rules of these worlds, in which every kind of promise is made for every lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import ClockPaused, ClockResumed, SlaMet
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import LeadAssigned, LeadWaits
from leadrelay.domain.rules import Rules

if TYPE_CHECKING:
    from tests.simulation.world import World

_OF_HOP = ("first_contact", "acceptance", "attempts", "follow_up", "disposition")
"""Clocks of an owner: they end with the assignment."""

_CALENDAR_ERROR = 1
"""Seconds: instants are counted as whole ones."""

Owed = tuple[str, int, datetime]


class OwedWatch:
    """Holds one world to what it promises of what is owed; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken
        self._left: dict[tuple[str, Owed], int] = {}

    def heard(self, known: Lead, after: Lead, facts: Sequence[Fact], at: datetime, rules: Rules) -> None:
        """One decision about a lead, known as `known` until then."""
        given = any(isinstance(fact, LeadAssigned) for fact in facts)
        for what in (*_wrong(after), *(_missing(after, rules) if given else ())):
            self._broken(24, f"{after.lead_id}: {what}")
        if _keeps_waiting(known, after, facts):
            self._broken(24, f"{after.lead_id} changed hands, and its own clock began anew")
        state = known
        for fact in facts:
            before, state = state, fact.apply(state, at)
            if isinstance(fact, ClockPaused | ClockResumed):
                self._stood(fact, before, state, at, rules)

    def _stood(self, fact: ClockPaused | ClockResumed, before: Lead, after: Lead, at: datetime, rules: Rules) -> None:
        """What is left when a clock goes on is what was left when it stood still, in seconds of its calendar."""
        was, now = before.clock(fact.kind), after.clock(fact.kind)
        if was is None or now is None:
            self._broken(24, f"{fact.name()} of a clock that does not run: {fact.kind} of hop {fact.hop}")
            return
        place, hours = (before.lead_id, (was.kind, was.hop, was.started_at)), rules.calendar(was.calendar)
        if isinstance(fact, ClockPaused):
            self._left[place] = hours.between(at, was.due_at)
            self._world.seen.add("a clock stood still")
            return
        self._world.seen.add("a clock went on")
        left, wanted = hours.between(at, now.due_at), self._left.get(place)
        if was.breached_at is None and (wanted is None or abs(left - wanted) > _CALENDAR_ERROR):
            self._broken(24, f"{fact.kind} of hop {fact.hop} stood still with {wanted} s left, and goes on with {left}")


def _wrong(lead: Lead) -> Iterator[str]:
    """Clocks that nobody is held to."""
    kinds = [clock.kind for clock in lead.clocks]
    if len({*kinds}) < len(kinds):
        yield f"two clocks of a kind: {kinds}"
    if kinds and (lead.merged_into is not None or lead.standing in ("gone", "imported") or lead.retired_at is not None):
        yield f"nobody works it, and clocks run: {kinds}"
    others = [kind for kind in _OF_HOP if (clock := lead.clock(kind)) and clock.hop != lead.ownership.hop]
    if others and lead.wanted is None:
        yield f"clocks of a former owner: {others}"


def _missing(lead: Lead, rules: Rules) -> Iterator[str]:
    """Promises that a new owner is not held to."""
    if not lead.live or lead.merged_into or lead.wanted or lead.rests or not lead.permission.may_contact:
        return
    accepted = rules.stages.dispositions.get(lead.status) == "accepted" or {"open", "won"} & {*lead.deals.values()}
    if lead.ownership.rep is None or accepted or lead.disposition is not None:
        return
    owed = ("acceptance", "disposition", *(() if lead.tries else ("attempts",)))
    missing = [kind for kind in owed if lead.clock(kind) is None]
    if missing:
        yield f"nobody is held to {missing}"


def _keeps_waiting(known: Lead, after: Lead, facts: Sequence[Fact]) -> bool:
    """Whether a lead that nobody has reached was given to somebody else, and counts from another time since."""
    before, now = known.clock("lead"), after.clock("lead")
    if before is None or now is None or any(isinstance(fact, SlaMet) and fact.kind == "lead" for fact in facts):
        return False
    given = any(isinstance(fact, LeadAssigned | LeadWaits) for fact in facts)
    return given and _counts(before) != _counts(now)


def _counts(clock: Clock) -> tuple[datetime, datetime]:
    return clock.started_at, clock.due_at
