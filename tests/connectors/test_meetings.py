"""Calendly and Cal.com: what several events say about one booking."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.calcom import source as calcom
from connectors.calendly import source as calendly
from connectors.kit import signing
from leadrelay.domain.touch import CONTACT_EVENTS, TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("meetings", "any")
SECRET = "a-signing-secret-of-good-length"
INVITEES = "https://api.calendly.com/scheduled_events/E1/invitees/"


def _calendly(event: str, invitee: str, **payload: Any) -> list[TouchDraft]:
    said = {"uri": f"{INVITEES}{invitee}", "email": "ada@example.com", **payload}
    return _parse(calendly, {"event": event, "payload": said})


def _calcom(trigger: str, uid: str, **payload: Any) -> list[TouchDraft]:
    said = {"uid": uid, "attendees": [{"email": "ada@example.com"}], **payload}
    return _parse(calcom, {"triggerEvent": trigger, "payload": said})


def _parse(source: Any, said: dict[str, Any], now: datetime = NOW) -> list[TouchDraft]:
    return list(source.parse(Delivery("POST", {}, (), json.dumps(said).encode()), SETTINGS, now))


def _booked(drafts: list[TouchDraft]) -> int:
    assert {draft.event for draft in drafts if draft.kind == "activity"} <= {*CONTACT_EVENTS}
    return sum(draft.kind == "activity" and draft.event == "meeting_booked" for draft in drafts)


def test_a_moved_calendly_meeting_was_booked_once_and_never_lost() -> None:
    told = _calendly("invitee.created", "A")
    told += _calendly("invitee.canceled", "A", rescheduled=True, new_invitee=f"{INVITEES}B")
    told += _calendly("invitee.created", "B", old_invitee=f"{INVITEES}A")
    assert _booked(told) == 1
    assert [draft.event for draft in told] == ["meeting_booked", "meeting_rescheduled"]
    told += _calendly("invitee.canceled", "B")
    assert told[-1].event == "meeting_canceled"
    assert len({draft.key for draft in told}) == 3


def test_a_moved_cal_com_meeting_was_booked_once_and_never_lost() -> None:
    told = [*_calcom("BOOKING_REQUESTED", "a"), *_calcom("BOOKING_CREATED", "a")]
    told += _calcom("BOOKING_RESCHEDULED", "b", rescheduleUid="a")
    assert _booked(told) == 1
    assert [draft.event for draft in told] == ["meeting_requested", "meeting_booked", "meeting_rescheduled"]
    assert _calcom("BOOKING_CREATED", "b", rescheduleUid="a") == told[-1:], "whatever a version calls the move"
    told += _calcom("BOOKING_CANCELLED", "b")
    assert len({draft.key for draft in told}) == 4


def test_a_booking_keeps_its_key_when_something_else_about_it_changes() -> None:
    assert _calendly("invitee.created", "A")[0].key == _calendly("invitee.created", "A", status="x", name="A")[0].key
    assert _calendly("invitee.created", "A")[0].key != _calendly("invitee.created", "B")[0].key
    assert _calcom("BOOKING_CREATED", "a")[0].key == _calcom("BOOKING_CREATED", "a", title="x")[0].key


@pytest.mark.parametrize("trigger", ["BOOKING_PAID", "MEETING_STARTED", "PING", "booking_created", "RECORDING_READY"])
def test_what_is_no_booking_becomes_nothing(trigger: str) -> None:
    assert _calcom(trigger, "a") == []


WAYS_IN = ["https://zoom.example/j/1", "let-me-in", "https://calendly.com/cancellations/A", "https://video.example/v1"]


def test_what_lets_somebody_into_a_meeting_is_not_kept() -> None:
    location = {"type": "zoom", "join_url": WAYS_IN[0], "data": {"settings": {"password": WAYS_IN[1]}}}
    said = {"uri": f"{INVITEES}A", "cancel_url": WAYS_IN[2], "scheduled_event": {"location": location}}
    video = {"videoCallData": {"password": WAYS_IN[1], "url": WAYS_IN[3]}, "metadata": {"videoCallUrl": WAYS_IN[3]}}
    answered = {"responses": {"location": {"value": {"value": WAYS_IN[0]}}}}
    bodies = [
        (calendly, {"event": "invitee.created", "payload": said}),
        (calcom, {"triggerEvent": "BOOKING_CREATED", "payload": {"uid": "a", **video, **answered}}),
    ]
    for source, body in bodies:
        delivery = Delivery("POST", {}, (), json.dumps(body).encode())
        kept = source.keep(delivery).decode() + source.parse(delivery, SETTINGS, NOW)[0].model_dump_json()
        assert not [way for way in WAYS_IN if way in kept]


@pytest.mark.parametrize(("seconds", "good"), [(180, True), (181, False), (-300, True), (-301, False)])
def test_calendlys_three_minutes(seconds: int, good: bool) -> None:
    stamp = str(int((NOW - timedelta(seconds=seconds)).timestamp()))
    header = f"t={stamp},v1={signing.sign(SECRET, stamp.encode() + b'.{}').decode()}"
    delivery = Delivery("POST", {"calendly-webhook-signature": header}, (), b"{}")
    if good:
        assert calendly.verify(delivery, SETTINGS, {"signing_key": (SECRET,)}, NOW) == "verified"
        return
    with pytest.raises(Unauthentic, match="signature_time"):
        calendly.verify(delivery, SETTINGS, {"signing_key": (SECRET,)}, NOW)


def test_a_routing_form_is_the_same_for_a_day() -> None:
    said = {"triggerEvent": "FORM_SUBMITTED", "payload": {"formId": "f", "responses": {"Email": {"value": "a"}}}}
    (first,), (same_day,) = _parse(calcom, said), _parse(calcom, said, NOW + timedelta(hours=14))
    (next_day,) = _parse(calcom, said, NOW + timedelta(days=1))
    assert first.key == same_day.key != next_day.key
    assert first.kind == "submission"
