"""Looking once more, in HubSpot: what polling would bring, read from the contact, through the real client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.hubspot.contacts import contacts
from leadrelay.ports.contacts import Contacts
from leadrelay.ports.errors import Misconfigured, Retry
from tests.connectors.hubspot.hubspot_now import AT, CONTACT, TOKEN, Room, room

SINCE = AT
LATER = {"hs_timestamp": "2026-03-02T09:33:00Z"}
BEFORE = {"hs_timestamp": "2026-03-02T09:29:00Z"}
MAIL = {**LATER, "hubspot_owner_id": "7", "hs_email_direction": "EMAIL", "hs_email_status": "SENT"}
LOGGED = (
    ("calls", {**LATER, "hs_call_direction": "OUTBOUND", "hs_call_status": "NO_ANSWER"}),
    ("emails", MAIL),
    ("meetings", {**LATER, "hs_meeting_outcome": "COMPLETED", "hs_meeting_start_time": "2026-03-02T09:33:00Z"}),
    ("communications", {**LATER, "hs_communication_channel_type": "WHATS_APP"}),
)
MACHINES = (
    ("emails", {**MAIL, "hs_sequence_id": "9"}),
    ("emails", {**MAIL, "hubspot_owner_id": ""}),
    ("emails", {**MAIL, "hs_email_direction": "INCOMING_EMAIL"}),
    ("calls", {**LATER, "hs_call_direction": "INBOUND", "hs_call_status": "MISSED"}),
    ("calls", {**LATER, "hs_call_direction": "OUTBOUND", "hs_call_status": "CANCELED"}),
)


@pytest.fixture(params=["v3", "2026-09"])
def before(request: pytest.FixtureRequest) -> Iterator[tuple[Room, Contacts]]:
    with room(request.param) as now:
        yield now, contacts({"token": TOKEN}, now.sandbox.url, {"version": request.param})


def test_every_kind_of_contact_is_found_under_the_key_that_polling_gives_it(before: tuple[Room, Contacts]) -> None:
    now, role = before
    _, cursor = now.records.since(None)
    now.wait(5)
    ann = now.enter(CONTACT, email="ann@example.com")
    for kind, values in LOGGED:
        now.enter(kind, (CONTACT, ann.id), **values)
    found = role.made([ann.id], SINCE)
    now.wait(600)
    polled, _ = now.poll(cursor)
    theirs = {draft.key: draft for draft in polled if draft.kind == "activity"}
    assert {draft.key: draft for draft in found} == theirs
    assert {draft.event for draft in found} == {"call", "email", "meeting", "whatsapp"}


def test_what_a_machine_did_and_what_was_before_is_no_contact(before: tuple[Room, Contacts]) -> None:
    now, role = before
    ann, ben = now.enter(CONTACT, email="ann@example.com"), now.enter(CONTACT, email="ben@example.com")
    for kind, values in MACHINES:
        now.enter(kind, (CONTACT, ann.id), **values)
    now.enter("calls", (CONTACT, ann.id), hs_call_direction="OUTBOUND", **BEFORE)
    now.enter("calls", (CONTACT, ben.id), hs_call_direction="OUTBOUND", **LATER)
    assert role.made([ann.id], SINCE) == []
    assert len(role.made([ann.id], SINCE - timedelta(minutes=1))) == 1


def test_who_was_merged_is_asked_for_as_who_they_are_now(before: tuple[Room, Contacts]) -> None:
    now, role = before
    ann, twin = now.enter(CONTACT, email="ann@example.com"), now.enter(CONTACT, email="twin@example.com")
    now.world.by_hand("merge", CONTACT, ann.id, links=[(CONTACT, twin.id)])
    call = now.enter("calls", (CONTACT, ann.id), hs_call_direction="OUTBOUND", **LATER)
    assert [draft.key for draft in role.made([twin.id], SINCE)] == [f"call:{call.id}:{ann.id}"]


def test_who_is_not_there_was_reached_by_nobody(before: tuple[Room, Contacts]) -> None:
    now, role = before
    assert role.made(["424242"], SINCE) == ()
    asked = len(now.world.journal())
    assert role.made(["1/../2", ""], SINCE) == ()
    assert len(now.world.journal()) == asked, "only ids are asked for"


def test_a_kind_that_may_not_be_read_hides_no_other() -> None:
    with room() as now:
        role = contacts({"token": TOKEN}, now.sandbox.url, {})
        ann = now.enter(CONTACT, email="ann@example.com")
        now.world.fail("403", match="contacts/emails", times=2)
        with pytest.raises(Misconfigured):
            role.made([ann.id], SINCE)
        now.enter("calls", (CONTACT, ann.id), hs_call_direction="OUTBOUND", **LATER)
        assert [draft.event for draft in role.made([ann.id], SINCE)] == ["call"]


@pytest.mark.parametrize("kind", ["429", "503"])
def test_an_account_that_is_away_says_so(kind: str) -> None:
    with room() as now:
        role = contacts({"token": TOKEN}, now.sandbox.url, {})
        ann = now.enter(CONTACT, email="ann@example.com")
        now.world.fail(kind, times=20)
        with pytest.raises(Retry):
            role.made([ann.id], SINCE)


def test_only_the_newest_hundred_of_a_kind_are_read() -> None:
    with room() as now:
        role = contacts({"token": TOKEN}, now.sandbox.url, {})
        ann = now.enter(CONTACT, email="ann@example.com")
        made = [now.enter("calls", (CONTACT, ann.id), hs_call_direction="OUTBOUND", **LATER).id for _ in range(103)]
        found = role.made([ann.id], SINCE)
        assert {draft.record.record_id for draft in found if draft.record} == set(made[3:])
