"""In time: when somebody with these working hours could make first contact, and how far that is from what was promised.

What was promised is what the contact policy would give if they worked now, or the time at which the person asked to be
called. It depends on the hours alone, so that it is worked out once for all reps who share a calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from leadrelay.domain.clocks.business_time import Calendar, NoBusinessTime
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.contact import contact_policy, owed_clock, owes_contact, waits_for_call
from leadrelay.domain.clocks.policy import ContactPolicy
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.waiting import owes_first_contact
from leadrelay.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Reach:
    """`at` (UTC) is the earliest instant by which they can have made first contact, or begin to work where none is
    owed; None: they never work. `late` is how far (elapsed) that is from what was promised, `owed` whether anything
    was."""

    at: datetime | None
    late: timedelta = timedelta()
    owed: bool = True


NEVER = Reach(None, timedelta.max)

Reaches = Callable[[str], Reach]
"""The reach of whoever works by the calendar of this name."""


def owes(lead: Lead, now: datetime) -> bool:
    """Whether who gets the lead owes a first contact."""
    return _asks(lead) or waits_for_call(lead, now)


def _asks(lead: Lead) -> bool:
    """A call that comes while it is asked who answers a new request has answered it."""
    if lead.ownership.waits is not None:
        return owes_first_contact(lead)
    asked = lead.wanted
    if asked is not None and asked.why == "again" and asked.since is not None:
        return not any(each.at >= asked.since for each in lead.tries)
    return owes_contact(lead, "new" if asked is None else asked.why)


def reaches(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> Reaches:
    """How the lead can be reached by whom. `seen` is what conditions see of it."""
    if lead.rests or not owes(lead, now):
        return cache(lambda name: _begins(rules.calendar(name), now))
    policy = contact_policy(seen, rules, now)
    return cache(lambda name: _reach(lead, name, policy, rules, now))


def _begins(hours: Calendar, now: datetime) -> Reach:
    try:
        return Reach(hours.next_open(now), owed=False)
    except NoBusinessTime:
        return Reach(None, owed=False)


def _reach(lead: Lead, name: str, policy: ContactPolicy | None, rules: Rules, now: datetime) -> Reach:
    hours = rules.calendar(name)
    try:
        clock = owed_clock(lead, name, policy, rules, now)
        if clock is not None and waits_for_call(lead, now) and lead.callback is not None:
            return Reach(clock.due_at, abs(clock.due_at - lead.callback.at))
        return _begins(hours, now) if clock is None or policy is None else _by(policy, clock, hours, now)
    except NoBusinessTime:
        return NEVER


def _by(policy: ContactPolicy, clock: Clock, hours: Calendar, now: datetime) -> Reach:
    """A policy may count in other hours than theirs, or in days: then what it gives is promised, and they must work by
    then."""
    target = policy.target
    at = max(clock.due_at, target.after(now, hours) if target.business else hours.next_open(now))
    in_their_hours = policy.calendar is None and target.business and not target.by_day
    promised = now + timedelta(seconds=target.seconds) if in_their_hours else clock.due_at
    return Reach(at, max(timedelta(), at - promised))
