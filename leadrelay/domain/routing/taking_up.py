"""Taking up: whether somebody may take a lead by now that found nobody when it came into the line."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import Choice, choose
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.waiting import asks_again
from leadrelay.domain.rules import Rules


def is_in_line(lead: Lead) -> bool:
    """Whether somebody may be looked for: not while it is open to all, or is being given out."""
    return lead.waits and lead.ownership.waits == "backlog" and lead.wanted is None


def asking(lead: Lead, rules: Rules, now: datetime) -> Lead:
    """The lead as it is once the question is asked again."""
    return asks_again(lead, rules.routing).apply(lead, now)


def taken_up(lead: Lead, profile: Profile, staffing: Staffing, rules: Rules, now: datetime) -> Choice | None:
    """Where a lead in the line would go now; None when it would go on waiting. `staffing` is who may be chosen for the
    lead that asks."""
    choice = choose(asking(lead, rules, now), profile, staffing, rules, now) if is_in_line(lead) else None
    return None if choice is None or choice.waits == "backlog" else choice
