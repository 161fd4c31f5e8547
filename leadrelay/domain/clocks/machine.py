"""What happens when a clock reaches one of its checkpoints, or runs out.

Every checkpoint fires once: firing it changes the clock in the same commit. A sweep that comes late, twice or not at
all changes nothing but the moment of discovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from leadrelay.domain.clocks.clock import AT_ONCE, Clock, ClockKind
from leadrelay.domain.clocks.contact_breach import contact_breached, unanswered
from leadrelay.domain.clocks.facts import SlaBreached, SlaWarned
from leadrelay.domain.clocks.next_step import step_missed
from leadrelay.domain.clocks.notices import LATE, of_breach, of_checkpoint
from leadrelay.domain.clocks.starting import asked_again, put_again
from leadrelay.domain.clocks.taking_away import another_owner, may_be_taken
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules


def due_kinds(lead: Lead, now: datetime, ahead: timedelta = AT_ONCE) -> tuple[ClockKind, ...]:
    """The kinds of clock that have something to say by `now`, what was due first first. Who comes again only after
    `ahead` warns before the instant rather than after it."""
    found = [(clock.looked_for(ahead), clock.kind) for clock in lead.clocks]
    waiting = [(at, kind) for at, kind in found if at is not None and at <= now]
    return tuple(kind for _, kind in sorted(waiting))


def fired(lead: Lead, kind: ClockKind, rules: Rules, now: datetime, ahead: timedelta = AT_ONCE) -> Iterator[Fact]:
    """What the clock of this kind has to say by `now`: its checkpoints, or its breach with what follows from it. Of
    what is discovered together with the breach, only that is said which comes after it."""
    clock = lead.clock(kind)
    if clock is None or clock.pause is not None:
        return
    breaches = clock.runs and clock.over_at <= now
    if breaches:
        yield from _RUN_OUT.get(kind, _not_kept)(lead, clock, rules, now)
    if not breaches or kind not in _ENDS:
        yield from _reached(lead, clock.breached(now) if breaches else clock, now, ahead)
    if kind == "backlog" and not breaches and lead.wanted is None and not _has_line(lead, rules):
        yield from asked_again(lead, rules, now)


def _reached(lead: Lead, clock: Clock, now: datetime, ahead: timedelta) -> Iterator[Fact]:
    for point in clock.reached(now, ahead):
        yield SlaWarned(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at, checkpoint=point.id)
        yield of_checkpoint(point, lead, clock, now)


def _has_line(lead: Lead, rules: Rules) -> bool:
    """Whether its pool is still there: nobody looks into the line of one that was closed."""
    return any(pool.id == lead.ownership.pool for pool in rules.team.pools)


def _not_kept(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """A promise was not kept: it is still owed. Whoever is named hears of it, and another owner is chosen if the policy
    says so."""
    yield SlaBreached.of(clock, now, runs_on=True)
    yield of_breach(f"{clock.kind}{LATE}", lead, clock, now)
    policy = rules.sla.policy(clock.kind, clock.policy)
    if policy is not None and policy.then == "reassign" and may_be_taken(lead, rules, now):
        yield from another_owner(lead, rules, now)


def _assignment_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody was chosen: the question is asked again, and RevOps hears of it."""
    if lead.wanted is not None and lead.wanted.doubted:
        yield from unanswered(lead, rules, now)
        return
    yield SlaBreached.of(clock, now, runs_on=False)
    if lead.wanted is not None:
        yield from put_again(lead.wanted, rules, now, lead.wanted.asked)
        yield of_breach("unassigned", lead, clock, now)


def _waited(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody came who may take it, or nobody claimed it: the question whose it is gets another answer now."""
    yield SlaBreached.of(clock, now, runs_on=False)
    if lead.wanted is None:
        yield from asked_again(lead, rules, now)


_ENDS: tuple[ClockKind, ...] = ("assignment", "next_step", "backlog")
"""Clocks of which nothing is left when they run out: another one takes their place."""

_RUN_OUT: Mapping[ClockKind, Callable[[Lead, Clock, Rules, datetime], Iterator[Fact]]] = {
    "first_contact": contact_breached,
    "assignment": _assignment_breached,
    "next_step": step_missed,
    "backlog": _waited,
}
