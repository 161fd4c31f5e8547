"""What follows when the owner of a lead has not reached out in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import SlaBreached
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import of_breach
from leadrelay.domain.clocks.taking_away import another_owner, may_be_taken
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules


def contact_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """The contact is owed still, and measured when it comes. The manager hears of it, and somebody else is asked for;
    not where nobody else takes it, or a person decided."""
    breach = SlaBreached.of(clock, now, runs_on=True)
    yield breach
    yield of_breach("breach", lead, clock, now)
    if may_be_taken(lead, rules, now):
        yield from another_owner(lead, rules, now)
    elif lead.wanted is None:
        step = "Call" if lead.next_step is None else lead.next_step.what
        yield next_step(breach.apply(lead, now), step, rules, now)
