"""Stuck work: what nobody answers is asked ever more seldom, shown to a person, and taken up when they say so."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.ports.records import CursorRecord, SyncRecord, lead_key
from tests.system import MONDAY_NOON, System, noisy_rules
from tests.workflows import lives, promises


def unanswered(system: System) -> str:
    """Somebody asks, and the question whose they are is lost on its way, again and again; the lead's id."""
    system.works["OwnerNeeded"] = (system.works["OwnerNeeded"][0], lambda *_: {})
    lives.send(system, lives.demo())
    return system.leads()[0].lead.lead_id


def test_a_question_that_nobody_answers_is_asked_ever_more_seldom_and_revops_hears_of_it() -> None:
    system = System(noisy_rules())
    begun = system.clock.now()
    unanswered(system)
    for _ in range(250):
        system.later(minutes=1)
    asked = [said.metadata.occurred_at - begun for said in system.said if said.name == "OwnerNeeded"]
    assert [at.total_seconds() / 60 for at in asked] == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert len([said for said in system.said if said.data.get("notice") == "unassigned"]) == 9
    assert system.leads()[0].lead.wanted is not None


def test_a_question_that_was_asked_too_often_is_shown_and_taken_up_by_a_person() -> None:
    system = System(noisy_rules())
    route = system.works["OwnerNeeded"]
    lead_id = unanswered(system)
    for _ in range(183):
        system.later(minutes=1)
        shown = system.store.listed("PARKED#unassigned", 9)
        assert bool(shown) == (system.clock.now() >= MONDAY_NOON + timedelta(minutes=183)), "eight times in vain"
    assert shown == [lead_key(lead_id)]
    system.works["OwnerNeeded"] = route
    assert system.redrive("unassigned") == 1
    system.settle()
    [record] = system.leads()
    assert record.lead.ownership.rep is not None
    assert system.store.listed("PARKED#unassigned", 9) == []
    promises.kept(system)


def test_a_card_that_deliver_never_comes_to_an_end_with_is_shown_and_still_asked_for() -> None:
    system = System(noisy_rules())
    deliver = system.works["CardChanged"]
    system.works["CardChanged"] = (deliver[0], lambda *_: {})
    lives.send(system, lives.demo())
    listed = "PARKED#undelivered_hubspot"
    for _ in range(250):
        system.later(minutes=1)
        [sync] = [record for record in system.records() if isinstance(record, SyncRecord)]
        assert bool(system.store.listed(listed, 9)) == (sync.tries > 8)
        assert sync.due_at is not None
    assert sync.tries > 8
    system.works["CardChanged"] = deliver
    assert system.redrive("undelivered_hubspot") == 1
    system.settle()
    assert system.store.listed(listed, 9) == []
    assert len(system.crm.people) == 1


def test_a_source_that_does_not_answer_is_shown_and_still_asked() -> None:
    system = System(noisy_rules())
    poll = system.works["SourceDue"]
    system.works["SourceDue"] = (poll[0], lambda *_: {})
    for _ in range(400):
        system.later(minutes=1)
    [key] = system.store.listed("PARKED#unread_hubspot", 9)
    record = system.store.load(key)
    assert isinstance(record, CursorRecord)
    assert record.asked > 8
    system.works["SourceDue"] = poll
    assert system.redrive("unread_hubspot") == 1
    system.later(seconds=1)
    assert system.store.listed("PARKED#unread_hubspot", 9) == []


def test_what_a_late_sweep_says_of_a_clock_tells_since_when_it_is_so() -> None:
    system = System(noisy_rules())
    unanswered(system)
    system.later(hours=2)
    [told] = [said.data for said in system.said if said.data.get("notice") == "unassigned"]
    assert datetime.fromisoformat(str(told["since"])) == MONDAY_NOON + timedelta(minutes=1)
