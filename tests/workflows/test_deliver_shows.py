"""What the CRM shows in spite of us: a field that a person may have corrected keeps its old value, and reading it back
is no news."""

from __future__ import annotations

from leadrelay.domain.touch import Answer, CrmRecord, TouchDraft, Words
from leadrelay.ports.records import sync_key
from tests.system import System

ANNA = "70000001"


def queued() -> tuple[System, str]:
    """A lead that waits in the nurture queue, and its record: `nurturing`, as we wrote."""
    system = System()
    system.post({"form": "newsletter", "email": "ada@firma.example", "phone": "+48600100200"})
    system.settle()
    system.later(minutes=2)
    lead = system.leads()[0].lead
    assert (lead.ownership.queue, lead.status) == ("nurture", "nurturing")
    sync = system.store.load(sync_key(lead.lead_id, "hubspot"))
    assert sync is not None
    assert sync.crm_id is not None
    assert system.crm.people[sync.crm_id].fields["lead_status"] == "nurturing"
    return system, sync.crm_id


def read(system: System, crm_id: str, number: int, reason: str | None = None) -> None:
    """The record as the CRM shows it now comes back, as polling brings it."""
    person = system.crm.people[crm_id]
    record = CrmRecord(
        crm="hubspot",
        kind="person",
        person=crm_id,
        record_id=crm_id,
        owner=person.owner_id,
        status=person.fields.get("lead_status"),
        stage=person.fields.get("lifecycle_stage"),
        reason=reason,
    )
    said = Words(answers=(Answer(key="lead.phone", values=(person.fields.get("phone", ""),)),))
    system.tell(TouchDraft(kind="crm_change", key=f"edited:{number}", event="edited", record=record, words=said))
    system.settle()


def test_a_rep_who_takes_a_lead_from_the_queue_keeps_it() -> None:
    system, crm_id = queued()
    system.crm.give(crm_id, ANNA)
    read(system, crm_id, 1)
    for number in range(2, 5):
        system.later(minutes=1)
        read(system, crm_id, number)
    lead = system.leads()[0].lead
    assert (lead.ownership.rep, lead.status, lead.disposition) == ("anna", "new", None)
    assert lead.clock("first_contact") is not None


def test_a_lead_that_asks_for_a_demo_is_not_given_back_by_its_old_status() -> None:
    system, crm_id = queued()
    system.post({"form": "demo", "email": "ada@firma.example", "company": "Firma", "employees": 200})
    system.settle()
    system.later(seconds=61)
    read(system, crm_id, 1)
    lead = system.leads()[0].lead
    assert lead.disposition is None
    assert lead.clock("first_contact") is not None


def test_a_reps_own_status_after_ours_was_not_taken_is_heard() -> None:
    system, crm_id = queued()
    system.crm.give(crm_id, ANNA)
    read(system, crm_id, 1)
    system.later(minutes=1)
    system.crm.edit(crm_id, lead_status="unqualified")
    system.tell(TouchDraft(kind="submission", key="s", words=Words(
        answers=(Answer(key="email", values=("ada@firma.example",)), Answer(key="company", values=("Firma",))),
    )))  # fmt: skip
    system.settle()
    system.later(minutes=2)  # our next write meets theirs
    read(system, crm_id, 2, reason="no budget")
    lead = system.leads()[0].lead
    assert (lead.status, lead.disposition) == ("unqualified", "rejected")


def test_an_old_number_that_still_shows_is_no_persons_correction() -> None:
    system, crm_id = queued()
    system.later(minutes=1)
    system.post({"form": "newsletter", "email": "ada@firma.example", "phone": "+48600300400"})
    system.settle()
    system.later(minutes=2)
    assert system.crm.people[crm_id].fields["phone"] == "+48600100200"
    read(system, crm_id, 1)
    assert system.leads()[0].profile.text("lead.phone") == "+48600300400"


def test_who_lost_the_lead_to_somebody_we_do_not_know_has_no_task_left() -> None:
    system = System()
    system.post({"form": "demo", "email": "ada@firma.example", "company": "Firma", "employees": 200})
    system.settle()
    (crm_id,) = system.crm.people
    assert [task.done for task in system.crm.tasks.values()] == [False]
    system.crm.give(crm_id, "99999999")
    system.later(minutes=1)
    read(system, crm_id, 1)
    system.later(minutes=2)
    assert [task.done for task in system.crm.tasks.values()] == [True]
