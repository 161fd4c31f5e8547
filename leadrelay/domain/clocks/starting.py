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
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.ownership import Wanted
from leadrelay.domain.routing.waiting import asks_again
from leadrelay.domain.rules import Rules

_LONGEST_WAIT = 60
"""Minutes after which a question that nobody answers is put again, at the latest."""


def assignment_clock(hop: int, rules: Rules, now: datetime, asked: int = 0) -> ClockStarted:
    """From now until somebody owns the lead, in elapsed time: as the policy says, and twice as long with every time
    that it was `asked` in vain."""
    minutes = rules.sla.assignment.minutes
    due = now + timedelta(minutes=max(minutes, min(minutes << min(asked, 10), _LONGEST_WAIT)))
    clock = Clock(kind="assignment", hop=hop, policy="assignment", calendar=ELAPSED, started_at=now, due_at=due)
    return ClockStarted(clock=clock)


def put_again(wanted: Wanted, rules: Rules, now: datetime, asked: int = 0) -> tuple[Fact, ...]:
    """The question that nobody has answered, with the clock until it is."""
    question = OwnerNeeded(why=wanted.why, hop=wanted.hop, exclude=wanted.exclude, pool=wanted.pool)
    return question, assignment_clock(wanted.hop, rules, now, asked)


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
