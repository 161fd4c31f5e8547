"""The first contact: by which policy it is owed, by when somebody with these working hours would owe it, and whether a
contact meets it.

One function says it for the owner of a lead and for everybody who might become its owner, so that what is promised when
an owner is chosen is what the clock then holds them to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadrelay.domain.clocks.callback import callback_clock
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import SlaMet
from leadrelay.domain.clocks.policy import ContactPolicy
from leadrelay.domain.clocks.timing import met, timed
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules


def contact_policy(seen: Mapping[str, object], rules: Rules, now: datetime) -> ContactPolicy | None:
    """The first policy that holds for what is seen of a lead."""
    return next((rule for rule in rules.sla.first_contact if rules.holds(rule.if_, seen, now)), None)


def waits_for_call(lead: Lead, now: datetime) -> bool:
    """Whether they asked to be called at a time still to come, and may be called."""
    return lead.callback is not None and lead.callback.waits(now) and lead.permission.may_call


def owed_clock(lead: Lead, own: str, policy: ContactPolicy | None, rules: Rules, now: datetime) -> Clock | None:
    """The clock of an owner whose calendar is named `own`: until the call that they asked for, else by the policy. None
    where neither is. Raises NoBusinessTime."""
    if waits_for_call(lead, now) and lead.callback is not None:
        return callback_clock(lead.callback, lead.ownership.hop, own, rules.calendar(own), rules.sla.callback, now)
    if policy is None:
        return None
    return timed("first_contact", policy, lead.ownership.hop, own, rules, now)


BOOKED = "meeting_booked"
"""The activity, and the lead status that it brings."""

_HANDED_OVER = ("hand_off", "hand_back", "handover", "passed")


def owes_contact(lead: Lead, why: str) -> bool:
    """Who is handed over after they were called, and has not asked again since, waits for no call; nor does who has
    booked a meeting."""
    if has_booked(lead):
        return lead.clock("first_contact") is not None
    return why not in _HANDED_OVER or lead.contacted_at is None or lead.clock("first_contact") is not None


def has_booked(lead: Lead) -> bool:
    """Whether a meeting stands, and was booked since they last asked for anything."""
    booked = max((each.at for each in lead.tries if each.event == BOOKED), default=None)
    return lead.status == BOOKED and booked is not None and (lead.asked_at is None or lead.asked_at <= booked)


def contacted(lead: Lead, rules: Rules, at: datetime) -> SlaMet | None:
    """The first-contact clock, met by a contact made at `at`; None when none is owed, and for a contact from before it
    ran and they asked: people edit old entries, and CRMs note whole minutes."""
    clock = lead.clock("first_contact")
    if clock is None or (lead.last is not None and at < counts_from(lead, clock)):
        return None
    return met(lead, clock, rules, at)


def counts_from(lead: Lead, clock: Clock) -> datetime:
    """The first instant (UTC) at which a contact counts for this clock: from when they asked last. What is older was no
    answer; and CRMs note whole minutes."""
    return clock.started_at if lead.last is None else min(minute(lead.last.at), clock.started_at)


def minute(at: datetime) -> datetime:
    """The minute that it falls into, as CRMs note times."""
    return at.replace(second=0, microsecond=0)
