"""Meetings that were booked and will not take place: somebody must offer another time.

A meeting that is only moved stands as before, and says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.clocks.contact import BOOKED, has_booked
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.stages.facts import StatusChanged
from leadrelay.domain.touch import Touch

FELL_THROUGH = {
    "meeting_canceled": "The meeting was canceled: offer another time",
    "meeting_declined": "The meeting was declined: offer another time",
    "meeting_no_show": "They did not come to the meeting: offer another time",
}
"""The behaviour that tells of it -> what whoever has the lead does next."""


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
