"""Meetings: what a booking spares, and what follows when it falls through."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.clocks.contact import has_booked, owes_contact
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead, NextStep
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.stages.facts import StatusChanged
from leadrelay.domain.stages.meetings import FELL_THROUGH, HOLD, fell_through, moved, planned
from leadrelay.domain.stages.tries import Try
from leadrelay.domain.touch import Touch, TouchKind
from tests.domain.people import NOW, profile
from tests.system import default_rules

HOUR = timedelta(hours=1)
BOOKED = Lead(
    lead_id="1",
    standing="live",
    status="meeting_booked",
    contacted_at=NOW,
    tries=(Try(event="meeting_booked", at=NOW),),
    ownership=Ownership(rep="anna", hop=1),
)


def heard(event: str, after: timedelta = HOUR, kind: TouchKind = "behaviour") -> Touch:
    at = NOW + after
    return Touch(
        touch_id="calendly.1",
        kind=kind,
        source="calendly",
        vendor="calendly",
        trust="verified",
        received_at=at,
        occurred_at=at,
        event=event,
    )


def follows(touch: Touch, lead: Lead = BOOKED) -> list[str]:
    decision = Decision(lead, Profile(), default_rules(), NOW + HOUR)
    decision.say(*fell_through(touch, decision))
    return [fact.name() for fact in decision.facts]


@pytest.mark.parametrize("why", ["new", "qualified", "hand_off", "waiting"])
def test_who_booked_a_meeting_waits_for_no_call(why: str) -> None:
    assert has_booked(BOOKED)
    assert not owes_contact(BOOKED, why)


def test_who_asked_again_since_does() -> None:
    assert owes_contact(BOOKED.with_(asked_at=NOW + HOUR), "new")
    assert not owes_contact(BOOKED.with_(asked_at=NOW), "new")
    assert owes_contact(BOOKED.with_(status="attempting"), "new")
    assert owes_contact(BOOKED.with_(tries=()), "new")


@pytest.mark.parametrize("event", FELL_THROUGH)
def test_a_meeting_that_fell_through_is_to_be_booked_anew(event: str) -> None:
    assert follows(heard(event)) == ["StatusChanged", "NextStepPlanned"]
    decision = Decision(BOOKED, Profile(), default_rules(), NOW + HOUR)
    decision.say(*fell_through(heard(event), decision))
    assert decision.lead.status == "attempting"
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == FELL_THROUGH[event]
    assert isinstance(decision.facts[0], StatusChanged)
    assert decision.facts[0].why == event


@pytest.mark.parametrize("event", ["meeting_rescheduled", "meeting_requested", "page_viewed", "meeting_no_show_undone"])
def test_what_is_no_loss_changes_nothing(event: str) -> None:
    assert follows(heard(event)) == []


def test_a_meeting_booked_since_stands_and_so_does_what_a_person_said() -> None:
    assert follows(heard("meeting_canceled", after=-HOUR)) == []
    assert follows(heard("meeting_canceled"), BOOKED.with_(status="unqualified")) == []
    assert follows(heard("meeting_canceled", kind="submission")) == []


def test_nobody_is_told_to_work_a_lead_that_nobody_has() -> None:
    assert follows(heard("meeting_canceled"), BOOKED.with_(ownership=Ownership())) == ["StatusChanged"]
    assert follows(heard("meeting_canceled"), BOOKED.with_(disposition="recycled")) == ["StatusChanged"]


def booked(at: timedelta | None, lead: Lead = BOOKED) -> Decision:
    known = Profile() if at is None else profile(lead__meeting_at=(NOW + at).isoformat())
    return Decision(lead, known, default_rules(), NOW)


def test_nobody_is_reminded_of_a_meeting_before_it_begins() -> None:
    step = planned(HOLD, booked(timedelta(days=9)))
    assert step.clock is not None
    assert step.due_at == step.clock.due_at == NOW + timedelta(days=9)


@pytest.mark.parametrize("at", [None, -HOUR, timedelta(0), timedelta(days=91), timedelta(days=9000)])
def test_without_a_meeting_ahead_the_step_is_due_as_always(at: timedelta | None) -> None:
    assert planned(HOLD, booked(at)) == planned(HOLD, booked(None))
    stands = BOOKED.with_(status="attempting")
    assert planned(HOLD, booked(HOUR, stands)) == planned(HOLD, booked(None, stands))


def test_a_meeting_that_is_moved_moves_its_step_and_no_other() -> None:
    holds = BOOKED.with_(next_step=NextStep(what=HOLD, due_at=NOW + HOUR))
    step = moved(heard("meeting_rescheduled"), booked(timedelta(days=2), holds))
    assert step is not None
    assert (step.what, step.due_at) == (HOLD, NOW + timedelta(days=2))
    assert moved(heard("meeting_canceled"), booked(timedelta(days=2), holds)) is None
    assert moved(heard("meeting_rescheduled"), booked(None, holds)) is None
    other = holds.with_(next_step=NextStep(what="Send the offer", due_at=NOW + HOUR))
    assert moved(heard("meeting_rescheduled"), booked(timedelta(days=2), other)) is None
