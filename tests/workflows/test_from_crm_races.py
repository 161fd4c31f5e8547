"""The way back under bad luck: duplicates, deletions, merges, our own unproven words, sources switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadrelay.domain.touch import Answer, CrmRecord, TouchDraft, Words
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.fetch import Completed
from leadrelay.ports.records import LeadRecord, company_key, sync_key
from tests.system import System
from tests.workflows.promises import kept

DEMO = {"form": "demo", "email": "ada@firma.example", "company": "Firma", "employees": 200, "industry": "software"}


def from_crm(person: str, event: str = "edited", said: Words | None = None, **state: object) -> TouchDraft:
    """What a record of the CRM shows."""
    given = {"crm": "hubspot", "kind": "person", "person": person, "record_id": person, **state}
    return TouchDraft(
        kind="activity" if given["kind"] == "activity" else "crm_change",
        key=f"{event}:{person}:{state}",
        event=event,
        record=CrmRecord.model_validate(given),
        words=said or Words(),
    )


def heard(system: System, *drafts: TouchDraft, after: float = 60) -> None:
    system.later(seconds=after)
    system.tell(*drafts)
    system.settle()


def answers(**said: str) -> Words:
    return Words(answers=tuple(Answer(key=key.replace("__", "."), values=(value,)) for key, value in said.items()))


def form(number: int, **said: str) -> TouchDraft:
    return TouchDraft(kind="submission", key=f"form {number}", words=answers(**said))


def worked(**said: object) -> tuple[System, str, str]:
    """A lead that the CRM shows: the system, the lead's id, the record's."""
    system = System()
    system.post({**DEMO, **said})
    system.settle()
    return system, *shown(system, system.leads()[0])


def shown(system: System, record: LeadRecord) -> tuple[str, str]:
    """The lead's id and its record's."""
    sync = system.store.load(sync_key(record.lead.lead_id, "hubspot"))
    assert sync is not None
    assert sync.crm_id is not None
    return record.lead.lead_id, sync.crm_id


def test_deleting_the_record_of_a_merged_lead_leaves_the_winner_alone() -> None:
    system, first, _ = worked(phone="+48600100200")
    system.tell(form(1, email="ada.private@other.example", form="demo"))
    system.settle()
    second, other = next(shown(system, record) for record in system.leads() if record.lead.lead_id != first)
    said = answers(lead__email="ada@firma.example")
    heard(system, from_crm(other, said=said))  # the same person, says the CRM
    assert [record.lead.lead_id for record in system.leads()] == [first]
    system.later(minutes=2)
    system.crm.delete(other)
    heard(system, from_crm(other, "deleted"))
    lead = system.leads()[0].lead
    assert (lead.lead_id, lead.standing) == (first, "live")
    assert lead.due_at() is not None
    assert second != first


def test_late_news_of_a_deleted_record_does_not_bring_it_back() -> None:
    system, lead_id, crm_id = worked()
    system.crm.delete(crm_id)
    heard(system, from_crm(crm_id, "deleted"))
    heard(system, from_crm(crm_id, "call", kind="activity"))
    heard(system, from_crm(crm_id, owner="70000002"))
    system.post({**DEMO, "message": "me again"})
    system.settle()
    kept(system)
    assert len(system.crm.people) == 1
    assert shown(system, system.leads()[0])[0] == lead_id


def test_somebody_who_was_deleted_and_is_entered_anew_keeps_the_new_record() -> None:
    system, lead_id, crm_id = worked()
    system.crm.delete(crm_id)
    heard(system, from_crm(crm_id, "deleted"))
    anew = system.crm.enter(email="ada@firma.example")
    heard(system, from_crm(anew, "created", said=answers(lead__email="ada@firma.example")))
    kept(system)
    assert list(system.crm.people) == [anew]
    assert shown(system, system.leads()[0]) == (lead_id, anew)


def test_the_record_that_two_became_shows_the_leads_card() -> None:
    system, first, crm_id = worked()
    system.later(seconds=5)
    system.tell(form(1, email="ada.private@other.example", form="demo"))
    system.settle()
    other = next(shown(system, record)[1] for record in system.leads() if record.lead.lead_id != first)
    system.crm.merge(crm_id, into=other)
    heard(system, from_crm(other, was=(crm_id,), owner=system.crm.people[other].owner_id))
    for _ in range(3):
        system.later(minutes=1)
    assert [record.lead.lead_id for record in system.leads()] == [first]
    assert system.crm.people[other].lead_key == first


def test_a_record_that_became_another_kind_gets_the_whole_card() -> None:
    system, _, crm_id = worked()
    contact = system.crm.enter()
    system.crm.merge(crm_id, into=contact)
    system.crm.people[contact].fields.pop("score", None)
    heard(system, from_crm(contact, was=(crm_id,)))
    for _ in range(3):
        system.later(minutes=1)
    assert system.crm.people[contact].fields["score"] == str(system.leads()[0].lead.score.total)


def test_our_own_unproven_word_coming_back_joins_nobody() -> None:
    """A form claims somebody's number; written to the CRM it looks like a person's entry."""
    system = System()
    system.tell(form(1, email="eve@firma.example"), trust="unverified")
    system.tell(form(2, phone="+48600100200"))
    system.settle()
    system.tell(form(3, email="eve@firma.example", phone="+48600100200"), trust="unverified")
    system.settle()
    eve = next(record for record in system.leads() if record.profile.text("lead.email"))
    assert (len(system.leads()), eve.profile.text("lead.phone")) == (2, "+48600100200")
    said = answers(lead__email="eve@firma.example", lead__phone="+48600100200")
    heard(system, from_crm(shown(system, eve)[1], said=said))
    assert len(system.leads()) == 2


def test_a_lead_that_turns_out_to_be_a_known_contact_is_still_owed_its_call() -> None:
    """The known one is a rep's already, from the CRM; the new one has just asked for a demo."""
    system = System()
    known = system.crm.enter(email="ada.private@other.example")
    heard(
        system,
        from_crm(known, "imported", owner="70000004", said=answers(lead__email="ada.private@other.example")),
    )
    system.later(seconds=5)
    system.post(DEMO)
    system.settle()
    _, crm_id = next(shown(system, record) for record in system.leads() if record.lead.live)
    heard(system, from_crm(known, said=answers(lead__email="ada@firma.example")), after=10)
    assert len(system.leads()) == 1
    lead = system.leads()[0].lead
    assert lead.ownership.rep == "tomasz"
    assert lead.clock("first_contact") is not None
    assert crm_id != known


def test_the_winner_keeps_the_farthest_stage() -> None:
    system, first, crm_id = worked()
    system.later(seconds=5)
    system.tell(form(1, email="ada.private@other.example", form="demo"))
    system.settle()
    other = next(shown(system, record)[1] for record in system.leads() if record.lead.lead_id != first)
    heard(system, from_crm(other, stage="customer"))
    system.crm.merge(other, into=crm_id)
    heard(system, from_crm(crm_id, was=(other,)))
    assert [(record.lead.lead_id, record.lead.stage) for record in system.leads()] == [(first, "customer")]


# -- companies


TROUBLE: list[tuple[Callable[[], Exception], int]] = [
    (lambda: RuntimeError("a defect"), 2),
    (lambda: Conflict("another worker"), 2),
    (lambda: Reject("no", "domain"), 2),
    (lambda: Retry(30, "away", "outage"), 1),
]


@pytest.mark.parametrize(("error", "asked"), TROUBLE)
def test_no_lead_waits_for_its_company(error: Callable[[], Exception], asked: int) -> None:
    system = System()
    system.companies.error = error
    for number in range(2):
        system.post({**DEMO, "email": f"p@firma{number}.example"})
    system.settle()
    assert len(system.leads()) == 2
    assert not system.failed
    assert len(system.companies.asked) == asked


def test_nobody_is_asked_about_spam() -> None:
    system = System()
    system.companies.known["firma.example"] = AccountFound(name="Firma")
    system.tell(form(1, email="ada@firma.example").with_(suspicion="honeypot"))
    system.settle()
    assert not system.companies.asked
    assert system.store.load(company_key("firma.example")) is None


# -- polling


class Asked:
    """A vendor's history that counts."""

    def __init__(self) -> None:
        self.asked = 0

    def complete(self, touch: object) -> Completed:
        raise AssertionError("nothing to complete")

    def since(self, cursor: str | None) -> tuple[list[TouchDraft], str]:
        self.asked += 1
        return [], "1"


def test_a_source_that_was_switched_off_after_it_was_its_turn_is_not_asked() -> None:
    history = Asked()
    rules = System().rules_now

    def deployed(**changes: Any) -> Any:
        website = rules.sources.sources["website"].with_(**changes)
        return type(rules).of(rules.with_(sources=rules.sources.with_(sources={"website": website})))

    system = System(rules_now=deployed(poll_seconds=60), histories=lambda *_: history)
    system.sweep()
    system.rules.deploy(deployed(poll_seconds=60, enabled=False))
    system.sweep()
    system.settle()
    assert history.asked == 0
