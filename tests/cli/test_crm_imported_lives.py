"""Who was imported is known and left in peace, until they ask for something: then they are no stranger."""

from __future__ import annotations

import pytest

from leadrelay.cli.crm.importing import Import
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Answer, TouchDraft, Words
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import OpenDeal
from leadrelay.ports.records import LeadRecord, sync_key
from tests.cli.crm_stage import FakeAccount
from tests.system import System, default_rules

ANNA = "70000001"


@pytest.fixture
def system() -> System:
    """The rules as they are, with the CRM that a test imports from."""
    rules = default_rules()
    return System(rules_now=Rules.of(rules.with_(crm=rules.crm.with_(vendor="hubspot", mode="live"))))


def imported(system: System, account: FakeAccount) -> None:
    Import("hubspot", account, system.store, system.rules.current(), system.clock, lambda _: None)(lambda _: None)


def _account() -> FakeAccount:
    mia = {"email": "mia@example.com", "first_name": "Mia", "lead_status": "attempting", "lifecycle_stage": "mql"}
    people = [Snapshot("31", None, ANNA, mia), Snapshot("32", None, None, {"phone": "+48600000032"})]
    return FakeAccount(people_=people, deals=[OpenDeal("d1", "31", 5000, "EUR")])


def _by_email(system: System, email: str) -> LeadRecord:
    return next(record for record in system.leads() if record.profile.text("lead.email") == email)


@pytest.mark.parametrize("backwards", [False, True])
def test_they_are_known_and_left_in_peace(system: System, backwards: bool) -> None:
    imported(system, _account())
    if backwards:
        system.queue.reverse()
    system.settle()
    for _ in range(3):
        system.later(hours=30)
    assert [record.lead.standing for record in system.leads()] == ["imported", "imported"]
    assert all(not record.lead.clocks and record.lead.wanted is None for record in system.leads())
    mia = _by_email(system, "mia@example.com").lead
    assert mia.ownership.rep == "anna"
    assert (mia.status, mia.stage, mia.deals) == ("attempting", "opportunity", {"d1": "open"})
    assert not system.notifier.sent
    assert not system.crm.written
    assert {touch.state for touch in system.touches()} == {"done"}
    assert not system.failed


def test_a_second_import_changes_nothing(system: System) -> None:
    account = _account()
    imported(system, account)
    system.settle()
    before, said = [record.model_dump() for record in system.leads()], len(system.said)
    imported(system, account)
    system.settle()
    assert [record.model_dump() for record in system.leads()] == before
    assert len(system.said) == said


def test_who_asks_for_something_keeps_their_owner_and_their_record(system: System) -> None:
    imported(system, _account())
    system.settle()
    said = Words(answers=(Answer(key="lead.email", values=("Mia@Example.com",)),))
    system.tell(TouchDraft(kind="submission", key="form-1", words=said))
    system.settle()
    lead = _by_email(system, "mia@example.com").lead
    assert (lead.standing, lead.ownership.rep, len(system.leads())) == ("live", "anna", 2)
    sync = system.store.load(sync_key(lead.lead_id, "hubspot"))
    assert sync is not None
    assert sync.crm_id == "31"
