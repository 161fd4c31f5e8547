"""Starting clocks: until somebody owns a lead, and until its owner has reached out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.contact import contact_policy, owed_clock
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.facts import ClockStarted
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.waiting import asks_again
from leadrelay.domain.rules import Rules


def assignment_clock(hop: int, rules: Rules, now: datetime) -> ClockStarted:
    """From now until somebody owns the lead, in elapsed time."""
    due = now + timedelta(minutes=rules.sla.assignment.minutes)
    clock = Clock(kind="assignment", hop=hop, policy="assignment", calendar=ELAPSED, started_at=now, due_at=due)
    return ClockStarted(clock=clock)


def contact_clock(lead: Lead, rep: str, seen: Mapping[str, object], rules: Rules, now: datetime) -> ClockStarted | None:
    """The owner's clock until first contact: the call that they asked for, else by the first policy that holds. None
    when none does, while the lead is shown to nobody, and where nobody may contact them."""
    if not lead.live or not lead.permission.may_contact:
        return None
    clock = owed_clock(lead, rules.team.rep(rep).calendar, contact_policy(seen, rules, now), rules, now)
    return None if clock is None else ClockStarted(clock=clock)


def asked_again(lead: Lead, rules: Rules, now: datetime) -> tuple[Fact, ...]:
    """The question for a lead that waits, with the clock until it is answered."""
    return asks_again(lead, rules.routing), assignment_clock(lead.ownership.hop, rules, now)
