"""From a policy to a clock: when it is over, and at which instants it says something before and after."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.clocks.clock import Checkpoint, Clock, ClockKind, warning
from leadrelay.domain.clocks.policy import TimedPolicy
from leadrelay.domain.rules import Rules


def timed(kind: ClockKind, policy: TimedPolicy, hop: int, own: str, rules: Rules, since: datetime) -> Clock:
    """The clock by which a policy is kept from `since` on, by somebody whose calendar is named `own`. Raises
    NoBusinessTime."""
    name = policy.counted_in(own)
    hours, target = rules.calendar(name), policy.target
    warned = warning(target.share(policy.warn_at or rules.sla.warn_at, since, hours))
    levels = (
        Checkpoint(id=level.id, at=target.share(level.at, since, hours), notice=level.notice, level=level.level)
        for level in policy.levels
    )
    return Clock(
        kind=kind,
        hop=hop,
        policy=policy.id,
        calendar=name,
        started_at=since,
        due_at=target.after(since, hours),
        checkpoints=tuple(sorted((*warned, *levels), key=lambda point: point.at)),
    )
