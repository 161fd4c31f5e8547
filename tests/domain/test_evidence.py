"""What told who it is: stored with every touch and merge; switchboards are learnt; circles end."""

from __future__ import annotations

from leadrelay.domain.person.facts import LeadMerged, TouchIdentified
from leadrelay.domain.touch import TouchDraft
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import IdentRecord, LeadRecord, LogRecord, lead_key
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.pseudonyms import Pseudonyms
from tests.domain.test_merging import ADA, BOARD, BOB, form, heard, identified, one, people
from tests.system import System

EVA, CHAT = "eva@example.net", "webform:77"


def evidence(system: System) -> list[tuple[str, ...]]:
    """By what each touch was known, in the order of their logs."""
    return [fact.matched_by for fact in facts(system) if isinstance(fact, TouchIdentified)]


def facts(system: System) -> list[object]:
    rows = [record for record in system.records() if isinstance(record, LogRecord) and record.pk.startswith("LEAD#")]
    return [read(said) for row in sorted(rows, key=lambda row: (row.at, row.pk)) for said in row.facts]


def test_every_touch_says_by_what_it_was_known() -> None:
    system = heard(
        form("1", email=ADA, phone="+48601111222", anonymous_id="cookie"),
        form("2", email=ADA),
        form("3", phone="+48601111222", anonymous_id="cookie"),
    )
    assert evidence(system) == [(), ("email",), ("phone", "anonymous")]


def test_a_merge_says_what_showed_that_two_are_one() -> None:
    system = heard(form("1", email=ADA), form("2", phone="+48601111222"), form("3", email=ADA, phone="+48601111222"))
    merges = [fact for fact in facts(system) if isinstance(fact, LeadMerged)]
    assert {fact.by for fact in merges} == {("phone",)}
    assert evidence(system)[-1] == ("email",)


def test_a_chat_joins_two_addresses_of_one_person() -> None:
    system = heard(form("1", email=ADA, anonymous_id=CHAT), form("2", email=BOB, anonymous_id=CHAT))
    assert [touches for _, _, touches in people(system)] == [2]
    assert evidence(system)[-1] == ("chat",)


def test_a_chat_that_was_kept_among_the_browsers_is_known_still() -> None:
    system = identified(form("1", email=ADA, anonymous_id=CHAT))
    [kept] = [record for record in system.records() if isinstance(record, IdentRecord) and record.identity == "chat"]
    del system.store._rows[(kept.key().pk, kept.key().sk)]
    pseudonym = Pseudonyms(system.secrets).of("anonymous", CHAT)
    former = IdentRecord(version=1, identity="anonymous", pseudonym=pseudonym, lead_id=kept.lead_id)
    system.store.commit(Change("as it was", (Put(former),)))
    system.tell(form("2", anonymous_id=CHAT))
    system.settle()
    assert one(system).lead.touches == 2


def test_a_number_that_three_people_gave_is_a_switchboard() -> None:
    """The third address shows it: from then on the number names nobody without a name."""
    system = heard(
        form("1", email=ADA, phone=BOARD),
        form("2", email=BOB, phone=BOARD),
        form("3", email=BOB, phone=BOARD),
        form("4", phone=BOARD),
        form("5", email=EVA, phone=BOARD),
        form("6", phone=BOARD, first_name="Jan"),
        form("7", phone=BOARD, first_name="JAN"),
    )
    assert people(system) == [(ADA, BOARD, 2), (BOB, BOARD, 2), (EVA, BOARD, 1), (None, BOARD, 2)]


def test_one_colleague_does_not_make_a_switchboard_however_often_they_write() -> None:
    said: list[TouchDraft] = [form(f"{number}", email=BOB, phone=BOARD) for number in range(2, 6)]
    system = heard(form("1", email=ADA, phone=BOARD), *said, form("9", phone=BOARD))
    assert people(system) == [(ADA, BOARD, 2), (BOB, BOARD, 4)]


def test_nobody_unproven_makes_a_number_a_switchboard() -> None:
    system = heard(
        form("1", email=ADA, phone=BOARD),
        (form("2", email=BOB, phone=BOARD), "unverified"),
        (form("3", email=EVA, phone=BOARD), "unverified"),
        form("4", phone=BOARD),
    )
    assert people(system)[0] == (ADA, BOARD, 2)


def test_aliases_in_a_circle_are_set_aside_for_a_person() -> None:
    system = identified(form("1", email=ADA), form("2", email=BOB))
    one_id, other_id = (record.lead.lead_id for record in system.leads())
    for record, into in zip(system.leads(), (other_id, one_id), strict=True):
        circle = LeadRecord(
            version=record.version + 1, lead=record.lead.with_(merged_into=into), profile=record.profile
        )
        system.store.commit(Change("a hand in the table", (Put(circle),)))
    system.tell(form("3", email=ADA))
    system.settle()
    [touch] = [touch for touch in system.touches() if touch.state == "parked"]
    assert touch.reason == "tangled_aliases"
    assert [key.pk for key in system.store.listed("PARKED#tangled_aliases", 10)] == [touch.key().pk]
    assert not system.failed
    system.store.commit(
        Change("mended", (Put(circle.with_(version=circle.version + 1, lead=circle.lead.with_(merged_into=None))),))
    )
    assert system.redrive("tangled_aliases") == 1
    system.settle()
    living = system.store.load(lead_key(circle.lead.lead_id))
    assert living is not None
    assert living.lead.touches == 2
