"""Meetings: what is to be done until one takes place, and what follows when it will not.

A meeting that is only moved stands as before, at another time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from leadrelay.domain.clocks.contact import BOOKED, has_booked
from leadrelay.domain.clocks.facts import NextStepPlanned
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.stages.facts import StatusChanged
from leadrelay.domain.touch import Touch

MEETS_AT = "lead.meeting_at"
"""The field with the time at which the meeting begins that they booked last."""

HOLD = "Hold the meeting"
"""The next step of who has somebody that has booked a meeting."""

MOVED = "meeting_rescheduled"

_FARTHEST = timedelta(days=90)

FELL_THROUGH = {
    "meeting_canceled": "The meeting was canceled: offer another time",
    "meeting_declined": "The meeting was declined: offer another time",
    "meeting_no_show": "They did not come to the meeting: offer another time",
}
"""The behaviour that tells of it -> what whoever has the lead does next."""


def meets_at(decision: Decision) -> datetime | None:
    """When (UTC) the meeting begins that stands and is ahead; None where none does, where nobody said when, and for one
    so far off that the lead must not wait for it unseen."""
    said = decision.profile.text(MEETS_AT)
    at = None if said is None or not has_booked(decision.lead) else datetime.fromisoformat(said)
    return at if at is not None and decision.at < at <= decision.at + _FARTHEST else None


def planned(what: str, decision: Decision) -> NextStepPlanned:
    """What comes next; by the meeting, where one stands: nobody is reminded of it before."""
    step, at = next_step(decision.lead, what, decision.rules, decision.at), meets_at(decision)
    if at is None or step.clock is None:
        return step
    return step.with_(due_at=at, clock=step.clock.with_(due_at=at))


def moved(touch: Touch, decision: Decision) -> NextStepPlanned | None:
    """The next step by the new time; what a person has planned beside the meeting stays."""
    step = decision.lead.next_step
    if touch.event != MOVED or step is None or step.what != HOLD or meets_at(decision) is None:
        return None
    return planned(HOLD, decision)


def fell_through(touch: Touch, decision: Decision) -> Iterator[Fact]:
    """What follows for a lead whose meeting stands: it is being reached for again. What was booked after this happened,
    or taken back by a person in the CRM, is not touched."""
    lead, step = decision.lead, FELL_THROUGH.get(touch.event or "")
    if touch.kind != "behaviour" or step is None or not has_booked(lead):
        return
    if max(each.at for each in lead.tries if each.event == BOOKED) > touch.occurred_at:
        return
    yield StatusChanged(before=BOOKED, after="attempting", why=touch.event or "")
    if lead.ownership.placed and not lead.rests:
        yield next_step(lead, step, decision.rules, decision.at)
