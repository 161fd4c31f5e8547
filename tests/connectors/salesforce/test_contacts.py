"""Looking once more, in Salesforce: what polling would bring, asked for by the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.salesforce.contacts import SalesforceContacts, contacts
from connectors.salesforce.sandbox.store import ME
from connectors.salesforce.source import Options
from leadrelay.local.crm_world import Fault
from leadrelay.ports.errors import Misconfigured, PortError, Retry
from tests.connectors.salesforce.reading_world import SECRET, START, Org, org


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


def looking(here: Org, **options: object) -> SalesforceContacts:
    return SalesforceContacts(here.reading, Options.model_validate(options))


def test_what_was_done_is_found_under_the_key_that_polling_gives_it(here: Org) -> None:
    _, cursor = here.records().since(None)
    since = START + timedelta(minutes=1)
    here.clock.ahead(120)
    lead, other = here.lead(), here.lead(Email="other@example.com")
    here.task(lead, TaskSubtype="Call")
    here.task(lead, TaskSubtype="Email")
    here.event(lead, START + timedelta(days=1))
    here.task(other, TaskSubtype="Call")
    found = looking(here).made([lead], since)
    polled = [draft for draft in here.records().since(cursor)[0] if draft.record and draft.record.person == lead]
    theirs = {draft.key: draft for draft in polled if draft.kind == "activity"}
    assert {draft.key: draft for draft in found} == theirs
    assert sorted(draft.event or "" for draft in found) == ["call", "email", "meeting_booked"]


def test_what_a_machine_did_and_what_was_before_is_no_contact(here: Org) -> None:
    lead = here.lead()
    here.task(lead, TaskSubtype="Call")
    here.clock.ahead(600)
    since = START + timedelta(minutes=5)
    here.task(lead, ME, TaskSubtype="Email")
    here.task(lead, TaskSubtype="Call", Status="Not Started")
    here.task(lead, TaskSubtype="Call", CallType="Inbound", CallDurationInSeconds="0")
    assert looking(here).made([lead], since) == []
    assert [draft.event for draft in looking(here).made([lead], START)] == ["call"]


def test_an_entry_of_before_that_is_edited_later_is_still_of_before(here: Org) -> None:
    lead = here.lead()
    task = here.task(lead, TaskSubtype="Call")
    here.clock.ahead(600)
    here.hands.change(task, {"Description": "nobody answered"})
    assert looking(here).made([lead], START + timedelta(minutes=5)) == []


def test_the_accounts_own_types_count_as_they_do_when_polled(here: Org) -> None:
    lead = here.lead()
    here.task(lead, TaskSubtype="Task", Type="Demo")
    found = looking(here, task_types={"Demo": "meeting"}).made([lead], START)
    assert [draft.event for draft in found] == ["meeting"]


def test_who_was_converted_is_asked_for_as_the_contact_they_became(here: Org) -> None:
    lead = here.lead()
    contact = here.hands.convert(lead)["Contact"]
    here.clock.ahead(60)
    here.task(contact, TaskSubtype="Call")
    found = looking(here).made([lead], START)
    assert [draft.record.person for draft in found if draft.record] == [contact]


def test_who_is_no_person_is_not_asked_for(here: Org) -> None:
    asked = len(here.world.journal())
    assert looking(here).made(["", "1001", "001x' OR Name != '"], START) == ()
    assert len(here.world.journal()) == asked


@pytest.mark.parametrize(("kind", "error"), [("503", Retry), ("403", PortError), ("401", Misconfigured)])
def test_trouble_is_told_in_the_words_of_the_port(here: Org, kind: str, error: type[PortError]) -> None:
    lead = here.lead()
    here.world.faults.add(Fault(kind, "queryAll"), 8)
    with pytest.raises(error):
        looking(here).made([lead], START)


def test_the_role_reads_with_the_options_of_the_source(here: Org) -> None:
    lead = here.lead()
    here.task(lead, TaskSubtype="Call")
    assert here.sandbox is not None
    assert len(contacts(SECRET, here.sandbox.url, {}).made([lead], START)) == 1
    with pytest.raises(Misconfigured):
        contacts(SECRET, here.sandbox.url, {"no such option": 1})
