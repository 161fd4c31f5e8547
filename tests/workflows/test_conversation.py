"""A chat as the CRM shows it: a note for some minutes of it, once, whatever breaks and whoever they turn out to be."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.telegram import source
from leadrelay.domain.card.conversation import KEPT, LONGEST
from leadrelay.domain.rules import Rules
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.crm import RetryLater
from leadrelay.ports.records import SyncRecord, WordsRecord, words_key
from leadrelay.ports.source import Delivery, SourceSettings
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.deliver.conversation import AT_ONCE
from leadrelay.workflows.deliver.inherit import inherited
from tests.system import Crash, Faults, System, default_rules
from tests.workflows import promises
from tests.workflows.delivering import PlannedCrm, sync, sync_of
from tests.workflows.lives import draft

ADA: dict[str, Any] = {"id": 5000000001, "is_bot": False, "first_name": "Ada", "username": "ada_example"}
ANNA: dict[str, Any] = {"id": 6000000001, "is_bot": False, "first_name": "Anna"}
OPTIONS = {"reps": {"B1": "anna"}}


def rules(minutes: int = 5, notes: bool = True) -> Rules:
    known = default_rules()
    telegram = known.sources.sources["telegram"].with_(options=OPTIONS, enabled=True)
    sources = known.sources.with_(sources={**known.sources.sources, "telegram": telegram})
    crm = known.crm.with_(conversation_minutes=minutes, notes=notes)
    return Rules.of(known.with_(sources=sources, crm=crm))


def hears(system: System, number: int, text: str = "", who: dict[str, Any] = ADA, **more: Any) -> None:
    """An update of the bot, as often as it takes."""
    message = {"message_id": number, "from": who, "chat": {**ADA, "type": "private"}, "text": text}
    dated = {**message, "date": int(system.clock.now().timestamp()), "business_connection_id": "B1", **more}
    body = json.dumps({"update_id": number, "business_message": dated}).encode()
    said = source.parse(
        Delivery("POST", {}, (), body), SourceSettings("telegram", "telegram", OPTIONS), system.clock.now()
    )
    for _ in range(9):
        try:
            reply = system.tell(*said, source="telegram")
        except Crash:
            continue
        if reply.status == 200:
            break
    else:
        raise AssertionError("nobody answers this sender")
    system.settle()


def notes(system: System) -> list[str]:
    return [op.body for op in system.crm.notes.values() if op.op_id.startswith("talk-")]


def test_some_minutes_of_a_chat_are_one_note_written_when_they_are_over() -> None:
    system = System(rules())
    hears(system, 1, "Is the offer still good?")
    system.later(minutes=1)
    hears(system, 2, "It is, until Friday.", who=ANNA)
    hears(system, 3, photo=[{}], caption="our office")
    assert notes(system) == []
    system.later(minutes=2)
    assert notes(system) == []
    system.later(minutes=3)
    (body,) = notes(system)
    assert body.splitlines() == [
        "Conversation (telegram), Mon 23 Nov 12:00 Warsaw",
        "12:00 Ada: Is the offer still good?",
        "12:01 Anna (SDR): It is, until Friday.",
        "12:01 Ada: our office [photo]",
    ]
    assert sync(system).due_at is None
    promises.kept(system)


def test_what_is_said_later_is_another_note_and_the_first_stays() -> None:
    system = System(rules())
    hears(system, 1, "Hello")
    system.later(minutes=6)
    hears(system, 2, "Are you there?")
    system.later(minutes=6)
    assert [body.splitlines()[1:] for body in notes(system)] == [["12:00 Ada: Hello"], ["12:06 Ada: Are you there?"]]
    hears(system, 2, "Are you there?")
    system.later(minutes=6)
    assert len(notes(system)) == 2


def test_who_writes_to_a_rep_is_that_reps() -> None:
    system = System(rules())
    hears(system, 1, "Hello")
    (record,) = system.leads()
    assert (record.lead.ownership.rep, record.lead.ownership.asked_first) == ("anna", {"anna": "conversation"})
    assert record.profile.text("lead.message") == "Hello"
    system.later(minutes=1)
    hears(system, 2, "Good morning, what can I do?", who=ANNA)
    (record,) = system.leads()
    assert record.profile.text("lead.message") == "Hello", "what we say is no word of theirs"
    assert record.lead.contacted_at is not None


def test_a_flood_is_one_note_that_counts_the_rest() -> None:
    system = System(rules())
    for number in range(LONGEST + 13):
        hears(system, number + 1, f"message {number}")
    system.later(minutes=6)
    (body,) = notes(system)
    assert body.splitlines()[-1] == "… and 13 more messages"
    assert len(body.splitlines()) == LONGEST + 2


def test_a_long_message_is_cut_in_the_note_and_kept_with_its_touch() -> None:
    system = System(rules())
    hears(system, 1, "x" * 4000)
    system.later(minutes=6)
    (body,) = notes(system)
    assert body.endswith("x…")
    assert len(body) < 1200
    (touch,) = system.touches()
    words = system.store.load(words_key(touch.touch.touch_id))
    assert words is not None
    assert words.words.value("text") == "x" * 4000


def test_a_lead_stays_small_however_long_the_chat_is_and_so_does_its_row() -> None:
    system = System(rules(minutes=1))
    for number in range(KEPT + 10):
        hears(system, number + 1, f"message {number}")
        system.later(minutes=2)
    assert len(notes(system)) == KEPT + 10
    (record,) = system.leads()
    assert len(record.lead.conversation) == KEPT
    assert len([op for op in sync(system).done if op.startswith("talk-")]) <= KEPT


def test_after_an_outage_a_few_notes_at_a_time_are_caught_up_on() -> None:
    crm = PlannedCrm()
    crm.plan = lambda op: RetryLater(op.op_id, 60, "outage")
    system = System(rules(minutes=1), crm=crm)
    for number in range(AT_ONCE * 2 + 1):
        hears(system, number + 1, f"message {number}")
        system.later(minutes=2)
    assert notes(system) == []
    crm.plan = lambda op: None
    for _ in range(30):
        system.later(minutes=5)
    assert len(notes(system)) == AT_ONCE * 2 + 1


def test_words_that_were_removed_are_in_no_note() -> None:
    system = System(rules())
    hears(system, 1, "my secret")
    (touch,) = system.touches()
    row = system.store.load(words_key(touch.touch.touch_id))
    assert row is not None
    gone = WordsRecord(version=row.version + 1, touch_id=row.touch_id, words=row.words.with_(answers=()))
    system.store.commit(Change(cause="erased", puts=(Put(gone),)))
    system.later(minutes=6)
    assert notes(system) == []
    assert sync(system).due_at is None


def test_without_notes_nothing_waits_for_them() -> None:
    system = System(rules(notes=False))
    hears(system, 1, "Hello")
    system.later(minutes=6)
    assert notes(system) == []
    assert sync(system).due_at is None


def test_the_chat_stands_with_whom_they_turn_out_to_be() -> None:
    system = System(rules())
    system.tell(draft("d1", form="demo", email="ada@example.com", phone="+48221234567"))
    system.settle()
    hears(system, 1, "Hello")
    system.later(minutes=6)
    assert len(system.leads()) == 2
    assert len(notes(system)) == 1
    contact = {"phone_number": "+48221234567", "user_id": ADA["id"], "first_name": "Ada"}
    hears(system, 2, contact=contact)
    system.later(minutes=6)
    (record,) = system.leads()
    assert [len(talk.messages) for talk in record.lead.conversation] == [1, 1]
    shown = sync_of(system, record.lead.lead_id).crm_id
    there = [op.op_id for op in system.crm.notes.values() if op.crm_id == shown and op.op_id.startswith("talk-")]
    assert sorted(there) == sorted(talk.name for talk in record.lead.conversation)


@pytest.mark.parametrize("when", ["before", "after"])
def test_every_note_is_written_once_wherever_it_breaks(when: Any) -> None:
    whole = System(rules())
    _chat(whole)
    calls = whole.faults.calls
    for at in sorted(
        {place + step for place, call in enumerate(calls) if call.startswith("crm.") for step in (-1, 0, 1)}
    ):
        system = System(rules(), faults=Faults(at=at, when=when))
        _chat(system)
        assert sorted(notes(system)) == sorted(notes(whole)), (at, whole.faults.calls[at])


def _chat(system: System) -> None:
    start = system.clock.now()
    hears(system, 1, "Hello")
    hears(system, 2, "Good morning", who=ANNA)
    for _ in range(5):
        system.later(minutes=2)
    hears(system, 3, "Thank you", date=int((start + timedelta(minutes=10)).timestamp()))
    for _ in range(5):
        system.later(minutes=2)


def test_in_one_record_what_was_said_stands_once_whichever_lead_they_are() -> None:
    """A winner that has no record yet takes over the other's, with the notes that are there."""
    loser = SyncRecord(
        version=3,
        lead_id="loser",
        crm="hubspot",
        crm_id="1001",
        wanted=1,
        written=1,
        done={"talk-telegram.1": "9001", "loser-note-1": "9002"},
        due_at=None,
        correlation_id="c",
        rules_version="r",
    )
    winner = loser.with_(version=1, lead_id="winner", crm_id=None, written=0, done={})
    taken, _ = inherited(winner, [loser], MemoryStore(), System().clock.now())
    assert taken.done == {"talk-telegram.1": "9001"}
