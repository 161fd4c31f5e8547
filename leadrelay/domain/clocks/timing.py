"""From a policy to a clock: when it is over, and at which instants it says something before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.clocks.clock import Checkpoint, Clock, ClockKind, warning
from leadrelay.domain.clocks.policy import TimedPolicy
from leadrelay.domain.rules import Rules


def timed(kind: ClockKind, policy: TimedPolicy, hop: int, own: str, rules: Rules, since: datetime) -> Clock:
    """The clock by which a policy is kept from `since` on, by somebody whose calendar is named `own`. Raises
    NoBusinessTime."""
    name = policy.counted_in(own)
    hours, target = rules.calendar(name), policy.target
    warned = warning(target.share(policy.warn_at or rules.sla.warn_at, since, hours))
    levels = _levels(policy, since, hours, rules.calendar(own))
    return Clock(
        kind=kind,
        hop=hop,
        policy=policy.id,
        calendar=name,
        started_at=since,
        due_at=target.after(since, hours),
        checkpoints=tuple(sorted((*warned, *levels), key=lambda point: point.at)),
    )


def _levels(policy: TimedPolicy, since: datetime, hours: Calendar, work: Calendar) -> Iterator[Checkpoint]:
    """What counts in working time is reached in it. What counts in real time waits for the working hours `work`, unless
    it is said at night; where that would be past the deadline that it is ahead of, the breach says enough."""
    target = policy.target
    due = target.after(since, hours)
    for level in policy.levels:
        reached = target.share(level.at, since, hours)
        at = reached if target.business or level.at_night else work.next_open(reached)
        if at < due or reached >= due:
            yield Checkpoint(id=level.id, at=at, notice=level.notice, level=level.level)
