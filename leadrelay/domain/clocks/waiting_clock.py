"""The clock of a lead that waits in a pool: so that nobody waits for ever, whatever becomes of the people."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.clocks.clock import Clock, warning
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.facts import ClockStarted
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.team import Pool


def backlog_clock(lead: Lead, pool: Pool, now: datetime) -> ClockStarted:
    """From when a lead came into the line until it has an owner for sure, in elapsed time. Who waits on keeps the clock
    that runs."""
    owner = lead.ownership
    since, running = owner.since or now, lead.clock("backlog")
    if running is not None and running.policy == owner.waits and running.started_at == since:
        return ClockStarted(clock=running.with_(hop=owner.hop))
    claim = owner.waits == "claim"
    due = since + timedelta(minutes=pool.claim_minutes if claim else pool.backlog.manager_minutes)
    stale = since + timedelta(minutes=pool.backlog.stale_minutes)
    clock = Clock(
        kind="backlog",
        hop=owner.hop,
        policy=owner.waits or "backlog",
        calendar=ELAPSED,
        started_at=since,
        due_at=due,
        checkpoints=() if claim or not now < stale < due else warning(stale, "waiting"),
    )
    return ClockStarted(clock=clock)
