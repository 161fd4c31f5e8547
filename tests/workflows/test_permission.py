"""Permission through the whole machine: from a form or the CRM to clocks, queue, card and back."""

from __future__ import annotations

from datetime import timedelta

from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.person.permission_facts import ContactForbidden
from tests.system import System, noisy_rules
from tests.workflows import lives, promises
from tests.workflows.test_from_crm import from_crm, heard, worked


def names(system: System, *kinds: str) -> list[str]:
    return [said.name for said in system.said if said.name in kinds]


def of_contact(system: System) -> list[str]:
    """What the clock of the first contact said."""
    heard = [said for said in system.said if said.name in ("SlaWarned", "SlaBreached")]
    return [said.name for said in heard if said.data["kind"] == "first_contact"]


def test_what_a_rep_ticks_stops_the_clock_and_the_record_says_why() -> None:
    system, _, crm_id = worked()
    heard(system, from_crm(crm_id, refuses=("contact",)))
    [record] = system.leads()
    assert (record.lead.ownership.rep, record.lead.ownership.queue) == (None, "do_not_contact")
    assert record.lead.clock("first_contact") is None
    fields = system.crm.people[crm_id].fields
    assert fields["queue"] == "Do not contact"
    assert system.crm.people[crm_id].owner_id == "70000008"
    assert "contact: no, in hubspot" in fields["consent"]
    assert fields["next_step"].startswith("Do not contact: refused (hubspot)")
    assert [task.done for task in system.crm.tasks.values()] == [True]
    before = len(system.said)
    heard(system, from_crm(crm_id, key="2", refuses=("contact",)))
    assert not [said for said in system.said[before:] if said.name in ("ContactForbidden", "CardChanged")]
    promises.kept(system)


def test_unticked_again_it_goes_back_to_a_rep() -> None:
    system, _, crm_id = worked()
    heard(system, from_crm(crm_id, refuses=("contact",)))
    heard(system, from_crm(crm_id, key="2", refuses=()))
    [record] = system.leads()
    assert record.lead.permission.may_contact
    assert record.lead.ownership.rep is not None
    assert record.lead.clock("first_contact") is not None
    promises.kept(system)


def test_who_wants_no_calls_is_shown_as_one_to_write_to() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo(**{"email": "ada@example.com", "do not call": "yes"}))
    [record] = system.leads()
    [shown] = system.crm.people.values()
    assert record.lead.ownership.rep is not None
    assert shown.fields["next_step"] == "Write, do not call: refused (website)"
    [task] = system.crm.tasks.values()
    assert task.subject == shown.fields["next_step"]
    assert any("Do not call, write" in note for note in map(str, system.crm.notes.values()))
    assert [said.data["how"] for said in system.said if said.name == ContactForbidden.name()] == ["call"]
    promises.kept(system)


def test_a_requested_call_is_due_then_and_not_before() -> None:
    system = System(noisy_rules())
    at = system.clock.now() + timedelta(days=1, hours=2)
    lives.send(system, lives.demo(**{"email": "ada@example.com", "callback time": at.isoformat()}))
    [record] = system.leads()
    clock = record.lead.clock("first_contact")
    assert clock is not None
    assert (clock.policy, clock.due_at) == (CALLBACK, at.replace(microsecond=0))
    [shown] = system.crm.people.values()
    assert shown.fields["callback_at"] is not None
    system.later(days=1, hours=2, minutes=4)
    assert of_contact(system) == ["SlaWarned"]
    system.later(minutes=2)
    assert of_contact(system) == ["SlaWarned", "SlaBreached"]
    promises.kept(system)
