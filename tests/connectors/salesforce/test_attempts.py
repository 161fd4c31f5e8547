"""What a rep did to reach somebody: which tasks and events count, and which never do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.kit.marker import marked_text
from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.store import ME
from leadrelay.local.crm_world import Owner
from tests.connectors.salesforce.reading_world import START, Org, org


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


TASKS: list[tuple[dict[str, str], str | None]] = [
    ({"TaskSubtype": "Call", "CallType": "Outbound"}, "call"),
    ({"TaskSubtype": "Call"}, "call"),
    ({"TaskSubtype": "Call", "CallType": "Inbound", "CallDurationInSeconds": "95"}, "call"),
    ({"TaskSubtype": "Call", "CallType": "Inbound", "CallDurationInSeconds": "0"}, None),
    ({"TaskSubtype": "Call", "CallType": "Inbound"}, None),
    ({"TaskSubtype": "Call", "CallType": "Internal", "CallDurationInSeconds": "95"}, None),
    ({"TaskSubtype": "Email"}, "email"),
    ({"TaskSubtype": "LinkedIn"}, "social"),
    ({"TaskSubtype": "Email", "Type": "Call"}, "email"),
    ({"TaskSubtype": "Cadence"}, None),
    ({"TaskSubtype": "Task"}, None),
    ({"TaskSubtype": "Task", "Type": "Call"}, "call"),
    ({"TaskSubtype": "Task", "Type": "Email"}, "email"),
    ({"TaskSubtype": "Task", "Type": "Meeting"}, "meeting"),
    ({"TaskSubtype": "Task", "Type": "WhatsApp"}, "whatsapp"),
    ({"TaskSubtype": "Task", "Type": "SMS"}, "sms"),
    ({"TaskSubtype": "Task", "Type": "Other"}, None),
    ({"TaskSubtype": "Call", "Status": "Not Started"}, None),
    ({"TaskSubtype": "Email", "Status": "In Progress"}, None),
    ({"TaskSubtype": "Email", "Description": marked_text("Call before 14:00", "task:1", 500)}, None),
    ({"TaskSubtype": "Email", "Description": "LeadRelay ref task:1\nshe wrote below it"}, "email"),
]


@pytest.mark.parametrize(("values", "event"), TASKS)
def test_a_task(here: Org, values: dict[str, str], event: str | None) -> None:
    lead = here.lead()
    found = here.complete(f"Task:{here.task(lead, **values)}")
    assert found.record is not None
    assert found.event == event
    assert found.record.person == (lead if event else "")
    assert not found.words.answers


def test_types_of_the_accounts_own(here: Org) -> None:
    types = {"Demo": "meeting", "email": "", "OTHER": "social"}
    lead = here.lead()
    for values, event in (
        ({"TaskSubtype": "Task", "Type": "Demo"}, "meeting"),
        ({"TaskSubtype": "Email"}, None),
        ({"TaskSubtype": "Task", "Type": "Other"}, "social"),
        ({"TaskSubtype": "Call"}, "call"),
    ):
        assert here.complete(f"Task:{here.task(lead, **values)}", task_types=types).event == event


def test_what_programs_log_reaches_nobody(here: Org) -> None:
    lead, robot = here.lead(), shown("User", "77")
    here.world.put_owner(Owner(robot, "robot@example.org", "Marketing", "Robot"))
    assert here.complete(f"Task:{here.task(lead, ME, TaskSubtype='Email')}").event is None
    assert here.complete(f"Task:{here.task(lead, robot, TaskSubtype='Email')}").event == "email"
    for known in (robot, robot[:15]):
        found = here.complete(f"Task:{here.task(lead, robot, TaskSubtype='Email')}", machine_users=[known])
        assert found.event is None


def test_a_task_about_nobody_and_a_deleted_one(here: Org) -> None:
    gone = here.task(here.lead(), TaskSubtype="Call")
    here.hands.delete(gone)
    for task in (here.task("", TaskSubtype="Call"), gone):
        found = here.complete(f"Task:{task}")
        assert found.record is not None
        assert (found.event, found.record.person) == (None, "")


def test_meetings_are_agreed_on_and_then_held(here: Org) -> None:
    lead = here.lead()
    ahead = here.event(lead, START + timedelta(days=1))
    assert here.complete(f"Event:{ahead}").event == "meeting_booked"
    here.clock.ahead(3600)
    here.hands.change(ahead, {"Subject": "Demo"})
    assert here.complete(f"Event:{ahead}").event == "meeting_booked"
    here.clock.ahead(86_400)
    here.hands.change(ahead, {"Description": "went well"})
    assert here.complete(f"Event:{ahead}").event == "meeting"
    past = here.event(lead, START)
    assert here.complete(f"Event:{past}").event == "meeting"
