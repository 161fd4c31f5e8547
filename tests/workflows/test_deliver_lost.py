"""A worker wrote a lead's first card and died before it could say into which record; then the lead became another."""

from __future__ import annotations

from typing import Any

import pytest

from leadrelay.domain.touch import Answer, CrmRecord, TouchDraft, Words
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.crm_person import Person
from leadrelay.ports.crm import WriteOp, WriteResult
from leadrelay.ports.records import LeadRecord, SyncRecord
from tests.system import Crash, System
from tests.workflows.delivering import PlannedCrm, gathered, sync_of, with_crm

MAIL = {"email": "bob@example.org"}
PHONE = {"phone": "+48221234599"}


def form(form_id: str, number: int, **fields: str) -> dict[str, Any]:
    return {"form": form_id, "submission_id": f"submission-{number:04d}", "fields": fields}


@pytest.fixture
def system() -> System:
    return System(with_crm(coalesce_seconds=0), crm=PlannedCrm())


def lost(system: System, body: dict[str, Any]) -> Person:
    """Its first card is written, and the worker dies: the record that nobody knows of."""
    crm = system.crm
    assert isinstance(crm, PlannedCrm)
    known = set(crm.people)

    def dies(op: WriteOp) -> WriteResult:
        crm.plan = lambda op: None
        MemoryCrm.write(crm, [op])
        raise Crash

    crm.plan = dies
    system.post(body)
    [said] = gathered(system)
    with pytest.raises(Crash):
        system.work(said)
    assert sync_of(system, said.metadata.lead_id or "").crm_id is None
    [crm_id] = set(crm.people) - known
    return crm.people[crm_id]


def read(system: System, person: Person) -> None:
    """The record as it shows now comes back, as polling brings it."""
    record = CrmRecord(
        crm="hubspot",
        kind="person",
        person=person.crm_id,
        record_id=person.crm_id,
        owner=person.owner_id,
        status=person.fields.get("lead_status"),
        stage=person.fields.get("lifecycle_stage"),
    )
    key = f"edited:{system.clock.now()}"
    said = Words(answers=(Answer(key="lead.email", values=(person.fields.get("email", ""),)),))
    system.tell(TouchDraft(kind="crm_change", key=key, event="edited", record=record, words=said))
    system.settle()


def merged(system: System, form_id: str = "webinar") -> None:
    system.post(form(form_id, 3, **MAIL, **PHONE))
    system.settle()


def rows(system: System) -> tuple[SyncRecord, SyncRecord]:
    """Winner's and loser's."""
    leads = [record.lead for record in system.records() if isinstance(record, LeadRecord)]
    first, second = sorted(leads, key=lambda lead: lead.merged_into is not None)
    return sync_of(system, first.lead_id), sync_of(system, second.lead_id)


def heard(system: System) -> list[str]:
    """What was taken for a person's doing."""
    return [said.name for said in system.said if said.name == "OwnerOverridden" or said.data.get("why") == "crm"]


@pytest.mark.parametrize("asks", ["webinar", "demo"], ids=["the owner stays", "an owner is wanted"])
def test_what_was_written_there_is_no_persons_word(system: System, asks: str) -> None:
    """The winner meets the loser's record by its address, and everybody reads there what the loser had written."""
    system.post(form("demo", 1, **PHONE))
    system.settle()
    person = lost(system, form("newsletter", 2, **MAIL))
    assert person.fields["lead_status"] == "nurturing"
    merged(system, asks)
    for _ in range(4):
        read(system, person)
        system.later(minutes=1)
    winner, loser = rows(system)
    assert (winner.crm_id, loser.crm_id, loser.pending) == (person.crm_id, None, False)
    assert heard(system) == []
    assert system.leads()[0].lead.status != "nurturing"
    assert (winner.due_at, winner.parked) == (None, None)


def test_it_is_nobodys_word_while_the_winner_was_written_nowhere(system: System) -> None:
    system.post(form("demo", 1, **PHONE))
    gathered(system)
    person = lost(system, form("newsletter", 2, **MAIL))
    system.post(form("webinar", 3, **MAIL, **PHONE))
    gathered(system)
    read(system, person)
    assert heard(system) == []
    assert system.leads()[0].lead.status == "new"


def test_whom_it_was_given_there_is_no_persons_choice(system: System) -> None:
    system.post(form("demo", 1, **PHONE))
    system.settle()
    person = lost(system, form("demo", 2, **MAIL))
    theirs = person.owner_id
    merged(system)
    for _ in range(4):
        read(system, person)
        system.later(minutes=1)
    winner, _ = rows(system)
    assert (winner.crm_id, winner.due_at) == (person.crm_id, None)
    assert theirs != winner.owner == person.owner_id
    assert heard(system) == []


def test_a_persons_own_word_on_that_record_is_heard_afterwards(system: System) -> None:
    system.post(form("demo", 1, **PHONE))
    system.settle()
    person = lost(system, form("demo", 2, **MAIL))
    theirs = person.owner_id
    merged(system)
    for _ in range(4):
        system.later(minutes=1)
    assert person.owner_id != theirs
    system.crm.give(person.crm_id, theirs)
    system.later(seconds=1)
    read(system, person)
    assert heard(system) == ["OwnerOverridden"]
    assert person.owner_id == theirs


def test_a_record_of_its_own_says_whose_it_is(system: System) -> None:
    """The winner has a record, and another address than the one that was lost: so the lost one is looked for."""
    system.post(form("demo", 1, **MAIL))
    system.settle()
    person = lost(system, form("newsletter", 2, **PHONE))
    merged(system)
    for _ in range(4):
        system.later(minutes=1)
    winner, loser = rows(system)
    assert winner.crm_id != loser.crm_id == person.crm_id
    assert person.fields["duplicate_of"] == loser.duplicate_of == winner.lead_id
    assert system.store.listed("DUPLICATE#hubspot", 10) == [loser.key()]


def test_the_same_owner_is_written_into_a_record_that_the_person_became(system: System) -> None:
    """Nobody was the owner of the record that the winner moved to; the winner's was known from its own."""
    system.post(form("newsletter", 2, **MAIL))
    system.settle()
    [person] = system.crm.people.values()
    assert person.owner_id is None
    system.post(form("demo", 1, **PHONE))
    system.settle()
    system.post(form("webinar", 3, **MAIL, **PHONE))
    system.settle()
    for _ in range(3):
        system.later(minutes=1)
    winner, _ = rows(system)
    assert (winner.crm_id, winner.owner) == (person.crm_id, person.owner_id)
