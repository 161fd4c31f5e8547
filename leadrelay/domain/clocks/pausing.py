"""Pauses: while the status says that nothing can be done for now, the clocks of the owner stand still.

What is left of them is kept in seconds of their calendar, not as a time of day: so it is the same after any change of
the rules or of the hours. Nobody is forgotten meanwhile: the next step goes on reminding, and the lead's own clock
runs, for it is the customer who waits. A call at a time that they asked for does not move either.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.business_time import Calendar, NoBusinessTime
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock, ClockKind, Pause
from leadrelay.domain.clocks.facts import ClockPaused, ClockResumed
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.timing import spent
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules

if TYPE_CHECKING:
    from leadrelay.domain.decision import Decision

PAUSABLE: frozenset[ClockKind] = frozenset(
    {"first_contact", "acceptance", "attempts", "follow_up", "disposition", "stage"}
)


def keep_paused(decision: Decision) -> None:
    """Let each clock stand still, or go on, as the status says. Said again it changes nothing."""
    lead, rules, now = decision.lead, decision.rules, decision.at
    for clock in lead.clocks:
        stands = _stands_still(lead, clock, rules)
        if stands and clock.pause is None and _may_pause(clock, now):
            decision.say(_paused(clock, rules, now))
        elif not stands and clock.pause is not None:
            decision.say(_resumed(clock, clock.pause, rules, now))
    before, after = lead.running("first_contact"), decision.lead.running("first_contact")
    if (before is None) != (after is None) and lead.next_step is not None and lead.wanted is None:
        decision.say(next_step(decision.lead, lead.next_step.what, rules, now))


def _stands_still(lead: Lead, clock: Clock, rules: Rules) -> bool:
    """A first contact that came to be owed since the status was set is not what was put off: somebody else has the
    lead, or they asked again."""
    if clock.kind not in PAUSABLE or clock.policy == CALLBACK or lead.status not in rules.sla.pause_statuses:
        return False
    since = lead.status_since
    return clock.kind != "first_contact" or (since is not None and clock.started_at <= since)


def _may_pause(clock: Clock, now: datetime) -> bool:
    """Not one that is over and whose breach has yet to be discovered, nor one that has nothing more to say."""
    return clock.next_at is not None and (not clock.runs or clock.over_at > now)


def _paused(clock: Clock, rules: Rules, now: datetime) -> ClockPaused:
    hours = rules.calendar(clock.calendar)
    return ClockPaused(
        kind=clock.kind,
        hop=clock.hop,
        left=max(0, hours.between(now, clock.due_at)),
        ahead={point.id: max(0, hours.between(now, point.at)) for point in clock.checkpoints},
        spent=spent(clock, rules, now),
    )


def _resumed(clock: Clock, pause: Pause, rules: Rules, now: datetime) -> ClockResumed:
    hours = rules.calendar(clock.calendar)
    return ClockResumed(
        kind=clock.kind,
        hop=clock.hop,
        due_at=clock.due_at if clock.breached_at is not None else _after(now, pause.left, hours),
        checkpoints={name: _after(now, left, hours) for name, left in pause.ahead.items()},
    )


def _after(now: datetime, seconds: int, hours: Calendar) -> datetime:
    """In real time where the calendar has no hours any more: every clock ends."""
    try:
        return hours.add(now, seconds)
    except NoBusinessTime:
        return now + timedelta(seconds=seconds)
