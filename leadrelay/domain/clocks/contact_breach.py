"""What follows when the owner of a lead has not reached out in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import SlaBreached
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.starting import assignment_clock
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules


def contact_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """The manager hears of it, and somebody else is asked for; not where nobody else takes it, or a person decided."""
    yield SlaBreached.of(clock, now)
    yield notice("breach", lead, clock.hop, now)
    if _is_last_resort(lead, rules) or lead.ownership.overridden(rules.routing.override, now):
        step = "Call" if lead.next_step is None else lead.next_step.what
        yield next_step(lead.with_(clocks=()), step, rules, now)
    elif lead.wanted is None:
        holders = (*lead.ownership.previous, lead.ownership.rep or "")
        yield OwnerNeeded(why="breach", hop=lead.ownership.hop, exclude=holders[-rules.routing.exclude_last :])
        yield assignment_clock(lead.ownership.hop, rules, now)


def _is_last_resort(lead: Lead, rules: Rules) -> bool:
    """The manager (or RevOps) keeps the lead: reassignment has an end."""
    owner = lead.ownership
    managers = {pool.manager for pool in rules.team.pools if pool.id == owner.pool} | {rules.team.revops}
    return owner.rep in managers and owner.rep is not None
