"""What happens when a clock runs out.

Every checkpoint fires once: firing it changes the clock in the same commit. A sweep that comes late, twice or not at
all changes nothing but the moment of discovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.clocks.contact_breach import contact_breached
from leadrelay.domain.clocks.facts import NextStepMissed, SlaBreached, SlaWarned
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.starting import asked_again, assignment_clock
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules


def fired(lead: Lead, rules: Rules, now: datetime) -> Iterator[Fact]:
    """What falls due by `now`: a warning, or a breach with its consequences."""
    for clock in lead.clocks:
        if clock.over_at <= now:
            yield from _RUN_OUT[clock.kind](lead, clock, rules, now)
        elif clock.warn_at is not None and clock.warn_at <= now:
            yield SlaWarned(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at)
            yield notice(clock.checkpoints[0].notice, lead, clock.hop, now)
            if clock.kind == "backlog" and lead.wanted is None and not _has_line(lead, rules):
                yield from asked_again(lead, rules, now)


def _has_line(lead: Lead, rules: Rules) -> bool:
    """Whether its pool is still there: nobody looks into the line of one that was closed."""
    return any(pool.id == lead.ownership.pool for pool in rules.team.pools)


def _assignment_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody was chosen: the question is asked again, and RevOps hears of it."""
    yield SlaBreached.of(clock, now)
    if lead.wanted is not None:
        asked = lead.wanted
        yield OwnerNeeded(why=asked.why, hop=asked.hop, exclude=asked.exclude, pool=asked.pool)
        yield assignment_clock(clock.hop, rules, now)
        yield notice("unassigned", lead, clock.hop, now)


def _step_missed(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    again = rules.calendar(clock.calendar).next_open(now + timedelta(days=1))
    yield NextStepMissed(what=clock.policy, due_at=clock.due_at, again_at=again)
    yield notice("next_step", lead, clock.hop, now)


def _waited(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody came who may take it, or nobody claimed it: the question whose it is gets another answer now."""
    yield SlaBreached.of(clock, now)
    if lead.wanted is None:
        yield from asked_again(lead, rules, now)


_RUN_OUT: Mapping[ClockKind, Callable[[Lead, Clock, Rules, datetime], Iterator[Fact]]] = {
    "first_contact": contact_breached,
    "assignment": _assignment_breached,
    "next_step": _step_missed,
    "backlog": _waited,
}
