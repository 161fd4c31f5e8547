"""Taking a lead away from who did not keep a promise: when that may be, and what is asked then. It has an end: who
takes what nobody else can keeps it."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.clocks.starting import assignment_clock
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules


def may_be_taken(lead: Lead, rules: Rules, now: datetime) -> bool:
    """Whether somebody else may be asked for: a rep has it who is not the last resort and did not give it back, no
    person decided so lately that they have it, and the question is not open already."""
    owner = lead.ownership
    if owner.rep is None or lead.rests or lead.wanted is not None or is_last_resort(lead, rules):
        return False
    return not owner.overridden(rules.routing.override, now)


def is_last_resort(lead: Lead, rules: Rules) -> bool:
    """The manager (or RevOps) keeps the lead: reassignment has an end."""
    owner = lead.ownership
    managers = {pool.manager for pool in rules.team.pools if pool.id == owner.pool} | {rules.team.revops}
    return owner.rep in managers and owner.rep is not None


def another_owner(lead: Lead, rules: Rules, now: datetime) -> tuple[Fact, ...]:
    """The question whose it is now, with the clock until it is answered; who had it last is not asked."""
    holders = (*lead.ownership.previous, lead.ownership.rep or "")
    hop, exclude = lead.ownership.hop, holders[-rules.routing.exclude_last :]
    return OwnerNeeded(why="breach", hop=hop, exclude=exclude), assignment_clock(hop, rules, now)
