"""From a policy to a clock: when it is over, and at which instants it says something before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadrelay.domain.clocks.business_time import Calendar, NoBusinessTime
from leadrelay.domain.clocks.clock import Checkpoint, Clock, ClockKind, warning
from leadrelay.domain.clocks.facts import SlaMet
from leadrelay.domain.clocks.policy import TimedPolicy
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules


def timed(kind: ClockKind, policy: TimedPolicy, hop: int, own: str, rules: Rules, since: datetime) -> Clock:
    """The clock by which a policy is kept from `since` on, by somebody whose calendar is named `own`. Raises
    NoBusinessTime."""
    name = policy.counted_in(own)
    hours, work, target = rules.calendar(name), rules.calendar(own), policy.target
    warned = _warned(policy, policy.warn_at or rules.sla.warn_at, since, hours, work)
    levels = _levels(policy, since, hours, work)
    return Clock(
        kind=kind,
        hop=hop,
        policy=policy.id,
        calendar=name,
        started_at=since,
        due_at=target.after(since, hours),
        checkpoints=tuple(sorted((*warned, *levels), key=lambda point: point.at)),
    )


def spent(clock: Clock, rules: Rules, at: datetime) -> int:
    """Seconds of its calendar that had been counted at `at`, without its pauses; none before it began."""
    if clock.pause is not None and at >= clock.pause.at:
        return clock.spent
    if at < clock.counted_from:
        return min(clock.spent, max(0, rules.calendar(clock.calendar).between(clock.started_at, at)))
    return clock.spent + rules.calendar(clock.calendar).between(clock.counted_from, at)


def stood_still(clock: Clock, rules: Rules) -> int:
    """Seconds of its calendar that it spent in pauses which are over."""
    if clock.resumed_at is None:
        return 0
    hours = rules.calendar(clock.calendar)
    since = 0 if clock.pause is None else hours.between(clock.resumed_at, clock.pause.at)
    return max(0, hours.between(clock.started_at, clock.resumed_at) - (clock.spent - since))


def met(lead: Lead, clock: Clock, rules: Rules, at: datetime) -> SlaMet:
    """What was done at `at` means for the clock that waited for it: in time or not, whenever that comes to be known."""
    in_time = clock.in_time(at)
    return SlaMet(
        kind=clock.kind,
        hop=clock.hop,
        policy=clock.policy,
        in_time=in_time,
        owner_seconds=spent(clock, rules, at),
        lead_seconds=max(0, int((at - lead.captured_at).total_seconds())),
        corrects=in_time and clock.breached_at is not None,
        started_at=clock.started_at,
    )


def _warned(
    policy: TimedPolicy, share: float, since: datetime, hours: Calendar, work: Calendar
) -> tuple[Checkpoint, ...]:
    """Nobody is warned in the night of what counts in real time, but in the morning; where that would be too late, at
    the end of the last working hours before. Who does not work at all until the deadline is not warned."""
    at, due = policy.target.share(share, since, hours), policy.target.after(since, hours)
    if policy.target.business:
        return warning(at)
    worked = [part.end for part in work.trace_between(since, at)][-1:]
    times = [time for time in (*_morning(at, work), *worked) if time < due]
    return warning(times[0]) if times else ()


def _morning(at: datetime, work: Calendar) -> tuple[datetime, ...]:
    """When somebody works next, from `at` on; never, where the calendar has no hours any more."""
    try:
        return (work.next_open(at),)
    except NoBusinessTime:
        return ()


def _levels(policy: TimedPolicy, since: datetime, hours: Calendar, work: Calendar) -> Iterator[Checkpoint]:
    """What counts in working time is reached in it. What counts in real time waits for the working hours `work`, unless
    it is said at night; where that would be past the deadline that it is ahead of, the breach says enough."""
    target = policy.target
    due = target.after(since, hours)
    for level in policy.levels:
        reached = target.share(level.at, since, hours)
        said = (reached,) if target.business or level.at_night else _morning(reached, work)
        for at in said:
            if at < due or reached >= due:
                yield Checkpoint(id=level.id, at=at, notice=level.notice, level=level.level)
