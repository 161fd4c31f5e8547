"""A meeting from its booking to its end, as Calendly tells it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.calendly import source
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.ports.source import Delivery, SourceSettings
from tests.system import MONDAY_NOON, System, default_rules

CASES = Path(source.__file__).parent / "cases"
MEETS = MONDAY_NOON + timedelta(days=8)


def calendar() -> System:
    known = default_rules()
    calendly = known.sources.sources["calendly"].with_(enabled=True)
    sources = known.sources.with_(sources={**known.sources.sources, "calendly": calendly})
    system = System(Rules.of(known.with_(sources=sources)))
    system.secrets.set("source/calendly", signing_key="a calendly key for tests only")
    return system


def booking(number: int = 1, after: timedelta = timedelta(0), event: str = "invitee.created", **more: Any) -> Any:
    """What Calendly says of Ada's meeting with Milica, so long after noon."""
    told = json.loads((CASES / "booked.json").read_text("utf-8"))["request"]["json"]
    told |= {"event": event, "created_at": (MONDAY_NOON + after).isoformat()}
    uri = f"https://api.calendly.com/scheduled_events/A/invitees/{number}"
    meeting = {**told["payload"]["scheduled_event"], "event_memberships": [{"user_email": "Milica@example.com"}]}
    told["payload"] |= {"uri": uri, "scheduled_event": {**meeting, "start_time": MEETS.isoformat()}} | more
    return told


def hears(system: System, told: Any) -> Lead:
    drafts = source.parse(
        Delivery("POST", {}, (), json.dumps(told).encode()), SourceSettings("calendly", "calendly"), system.clock.now()
    )
    assert system.tell(*drafts, source="calendly").status == 200
    system.settle()
    (record,) = system.leads()
    return record.lead


def step(lead: Lead) -> tuple[str, Any]:
    assert lead.next_step is not None
    return lead.next_step.what, lead.next_step.due_at


def test_who_books_with_a_rep_is_that_reps_and_nobody_is_chased_before_the_meeting() -> None:
    system = calendar()
    lead = hears(system, booking())
    assert (lead.ownership.rep, lead.status, lead.clock("first_contact")) == ("milica", "meeting_booked", None)
    assert step(lead) == ("Hold the meeting", MEETS)
    system.later(days=3)
    assert not [said for said in system.said if said.name in ("NextStepMissed", "SlaBreached")]


def test_moved_it_is_the_same_meeting_at_another_time() -> None:
    system = calendar()
    before = hears(system, booking())
    system.later(days=1)
    moved = timedelta(days=1)
    old = booking(1, moved, "invitee.canceled", rescheduled=True)
    assert hears(system, old).next_step == before.next_step
    meeting = {**booking()["payload"]["scheduled_event"], "start_time": (MEETS + moved).isoformat()}
    lead = hears(system, booking(2, moved, old_invitee="x", scheduled_event=meeting))
    assert (lead.status, step(lead), lead.attempts) == ("meeting_booked", ("Hold the meeting", MEETS + moved), 1)


def test_canceled_somebody_offers_another_time() -> None:
    system = calendar()
    hears(system, booking())
    system.later(days=1)
    lead = hears(system, booking(1, timedelta(days=1), "invitee.canceled"))
    what, due = step(lead)
    assert (lead.status, what) == ("attempting", "The meeting was canceled: offer another time")
    assert due < MEETS
    assert hears(system, booking(1, timedelta(days=1), "invitee.canceled")).next_step == lead.next_step
