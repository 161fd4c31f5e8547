"""One lead is one contact: made, found, claimed, never taken from another, never doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.hubspot.crm import HubSpotCrm
from connectors.hubspot.fields import default_map
from connectors.hubspot.lookup import Contact, Lookup
from connectors.hubspot.people import People
from connectors.hubspot.transport import Answer
from leadrelay.ports.crm import Moved, Ok, RecordKey, Rejected, Unknown
from leadrelay.ports.errors import Misconfigured, Retry
from tests.connectors.hubspot.conftest import Account
from tests.connectors.hubspot.samples import AT, field, key, ok, person


def test_a_new_person_is_made_with_our_key_and_fields(account: Account) -> None:
    op = person(1, field("first_name", "Ann"), field("score", 85), field("captured_at", AT))
    result = ok(account.crm.write([op])[0])
    assert result.created
    assert result.applied == {
        "email": "person1@example.com", "first_name": "Ann", "score": "85", "captured_at": "2026-03-02T09:30:00.000Z"
    }  # fmt: skip
    [contact] = account.contacts()
    assert contact.id == result.crm_id
    assert contact.values["leadrelay_key"] == key(1)
    assert contact.values["leadrelay_score"] == "85"


def test_a_second_write_updates_the_same_contact(account: Account) -> None:
    first = ok(account.crm.write([person(1, field("score", 40))])[0])
    second = ok(account.crm.write([person(1, field("score", 75), crm_id=first.crm_id)])[0])
    third = ok(account.crm.write([person(1, field("score", 80))])[0])
    assert (second.crm_id, third.crm_id) == (first.crm_id, first.crm_id)
    assert not second.created
    assert not third.created
    assert [contact.values["leadrelay_score"] for contact in account.contacts()] == ["80"]


def test_what_is_there_already_is_not_sent_again(account: Account) -> None:
    op = person(1, field("score", 40), field("captured_at", AT), field("lifecycle_stage", "sal", "forward_only"))
    crm_id = ok(account.crm.write([op])[0]).crm_id
    before = account.asked("batch/update") + account.asked("batch/upsert")
    again = ok(account.crm.write([op])[0])
    assert again == Ok("op-1", crm_id, applied=again.applied)
    assert again.applied["lifecycle_stage"] == "sal"
    assert account.asked("batch/update") + account.asked("batch/upsert") == before


def test_a_known_address_is_claimed_and_kept(account: Account) -> None:
    there = {"email": "person1@example.com", "firstname": "Typed by a rep", "phone": ""}
    contact = account.world.create("contacts", there)
    op = person(1, field("first_name", "Form", "fill_if_empty"), field("phone", "+15550100", "fill_if_empty"))
    result = ok(account.crm.write([op])[0])
    assert (result.crm_id, result.created) == (contact.id, False)
    assert result.applied["first_name"] == "Typed by a rep"
    [claimed] = account.contacts()
    assert claimed.values["leadrelay_key"] == key(1)
    assert claimed.values["firstname"] == "Typed by a rep"
    assert claimed.values["phone"] == "+15550100"


def test_an_additional_address_of_a_merged_contact_is_claimed_too(account: Account) -> None:
    values = {"email": "main@example.com", "hs_additional_emails": "old@example.com;person1@example.com"}
    contact = account.world.create("contacts", values)
    assert ok(account.crm.write([person(1)])[0]).crm_id == contact.id
    assert account.contacts()[0].values["email"] == "main@example.com"
    assert account.asked("batch/upsert") == 0


def test_a_lead_with_only_a_phone_is_known_by_its_key(account: Account) -> None:
    op = person(1, field("phone", "+15550100"), email=None)
    first, second = ok(account.crm.write([op])[0]), ok(account.crm.write([op])[0])
    assert first.crm_id == second.crm_id
    assert len(account.contacts()) == 1


def test_another_leads_contact_is_never_taken_over(account: Account) -> None:
    """Two people may write from one address; HubSpot allows it once, so the later one does without."""
    mine = ok(account.crm.write([person(1, email="info@example.com")])[0])
    op = person(2, field("score", 9), email="info@example.com")
    theirs, again = ok(account.crm.write([op])[0]), ok(account.crm.write([op])[0])
    assert theirs.created
    assert (again.crm_id, theirs.applied) == (theirs.crm_id, {"email": "", "score": "9"})
    first, second = account.contacts()
    assert (first.id, first.values["leadrelay_key"]) == (mine.crm_id, key(1))
    assert (second.values["leadrelay_key"], "email" in second.values) == (key(2), False)
    assert "leadrelay_score" not in first.values


def test_an_address_that_was_not_given_to_claim_by_claims_nothing(account: Account) -> None:
    stranger = account.world.create("contacts", {"email": "person1@example.com"})
    op = person(1, field("email", "person1@example.com"), field("score", 7), email=None)
    result = ok(account.crm.write([op])[0])
    assert result.crm_id != stranger.id
    assert result.applied == {"email": "", "score": "7"}
    assert account.contacts()[0].values == {"email": "person1@example.com"}


def test_an_address_another_contact_has_keeps_nothing_else_from_a_known_one(account: Account) -> None:
    account.world.create("contacts", {"email": "taken@example.com"})
    crm_id = ok(account.crm.write([person(1, email=None)])[0]).crm_id
    op = person(1, field("score", 7), crm_id=crm_id, email="taken@example.com")
    done = ok(account.crm.write([op])[0])
    assert (done.crm_id, done.applied) == (crm_id, {"email": "", "score": "7"})
    assert [(why.code, why.field, why.existing_id) for why in done.refused] == [
        ("DUPLICATE", "email", account.contacts()[0].id)
    ]
    assert len(account.contacts()) == 2


@pytest.mark.parametrize("holder", ["", key(1), key(2)])
def test_a_contact_made_between_our_look_and_our_write(
    account: Account, holder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Lookup.find
    seen: list[int] = []

    def look_then_lose(self: Lookup, keys: Sequence[RecordKey]) -> list[Contact | None]:
        found = look(self, keys)
        if not seen:
            account.world.create("contacts", {"email": "person1@example.com", "leadrelay_key": holder})
        seen.append(len(keys))
        return found

    monkeypatch.setattr(Lookup, "find", look_then_lose)
    crm_id = ok(account.crm.write([person(1, field("score", 5))])[0]).crm_id
    first, *more = account.contacts()
    mine = more[0] if holder == key(2) else first
    assert (mine.id, mine.values["leadrelay_key"], mine.values["leadrelay_score"]) == (crm_id, key(1), "5")
    assert first.values["leadrelay_key"] == (holder or key(1))
    assert len(more) == (1 if holder == key(2) else 0)


def test_a_field_is_cleared(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("queue", "nurture"), field("product", "team"))])[0]).crm_id
    op = person(1, field("queue", "ignored", "clear"), field("product", None), crm_id=crm_id)
    assert ok(account.crm.write([op])[0]).applied == {"email": "person1@example.com", "queue": "", "product": ""}
    assert "leadrelay_queue" not in account.contacts()[0].values
    assert "leadrelay_product" not in account.contacts()[0].values


def test_many_people_go_out_in_hundreds_and_come_back_in_order(account: Account) -> None:
    ops = [person(number, field("score", number % 100)) for number in range(250)]
    results = account.crm.write(ops)
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    assert account.asked("batch/upsert") == 3
    ids = {ok(result).crm_id: op for result, op in zip(results, ops, strict=True)}
    assert {contact.id: contact.values["leadrelay_key"] for contact in account.contacts()} == {
        crm_id: op.key.lead_key for crm_id, op in ids.items()
    }


def test_one_bad_person_does_not_hide_or_harm_the_others(account: Account) -> None:
    """HubSpot may answer 207, or 200 with `errors`: the failed one is named either way."""
    ops = [person(1, field("score", 1)), person(2, field("employees", "many")), person(3, field("score", 3))]
    first, bad, third = account.crm.write(ops)
    assert (ok(first).op_id, ok(third).op_id) == ("op-1", "op-3")
    [why] = ok(bad).refused
    assert (why.code, why.field) == ("VALIDATION", "employees")
    assert "not a valid number" in why.message
    assert {contact.values["leadrelay_key"] for contact in account.contacts()} == {key(1), key(2), key(3)}


def test_a_refusal_of_the_whole_batch_is_traced_to_its_cause(account: Account) -> None:
    account.world.fail("400", match="batch/upsert", times=1)
    results = account.crm.write([person(number) for number in range(5)])
    assert [ok(result).op_id for result in results] == [f"op-{number}" for number in range(5)]
    assert account.asked("batch/upsert") == 3


def test_a_reply_that_leaves_somebody_out_is_an_unknown_outcome() -> None:
    class Forgetful:
        def call(self, api: str, method: str, *args: object, **options: object) -> Answer:
            return Answer(200, {}, {"status": "COMPLETE", "results": []})

    wire: Any = Forgetful()
    [result] = HubSpotCrm(wire, default_map()).write([person(1)])
    assert isinstance(result, Unknown)


def test_the_same_person_twice_in_one_write_is_one_contact(account: Account) -> None:
    ops = [person(1, field("score", 1)), replace(person(1, field("score", 2)), op_id="op-again"), person(2)]
    results = [ok(result) for result in account.crm.write(ops)]
    assert results[0].crm_id == results[1].crm_id != results[2].crm_id
    assert 400 not in {asked.status for asked in account.world.journal()}
    assert account.contacts()[0].values["leadrelay_score"] == "2"


def test_a_merged_contact_has_moved(account: Account) -> None:
    old = ok(account.crm.write([person(1)])[0]).crm_id
    new = account.world.create("contacts", {"email": "other@example.com"}).id
    account.world.merge("contacts", new, old)
    assert account.crm.write([person(1, field("score", 5), crm_id=old)]) == [Moved("op-1", new)]
    [shown] = account.crm.read([RecordKey(key(1), old)])
    assert shown is not None
    assert shown.crm_id == new


def test_a_merge_into_another_leads_contact_is_followed_and_its_key_stays(account: Account) -> None:
    old, new = (ok(result).crm_id for result in account.crm.write([person(1), person(2)]))
    account.world.merge("contacts", new, old)
    assert account.crm.write([person(1, field("score", 5), crm_id=old)]) == [Moved("op-1", new)]
    assert ok(account.crm.write([person(1, field("score", 5), crm_id=new)])[0]).crm_id == new
    [contact] = account.contacts()
    assert (contact.values["leadrelay_key"], contact.values["leadrelay_score"]) == (key(2), "5")


def test_a_deleted_contact_is_not_found_and_not_made_again_behind_the_callers_back(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    account.world.delete("contacts", crm_id)
    result = account.crm.write([person(1, crm_id=crm_id)])[0]
    assert isinstance(result, Rejected)
    assert result.code == "NOT_FOUND"
    assert account.contacts() == []
    assert account.crm.read([RecordKey(key(1), crm_id, "person1@example.com")]) == [None]


def test_a_deleted_contact_never_leads_to_another_leads_contact(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, email="shared@example.com")])[0]).crm_id
    account.world.delete("contacts", crm_id)
    ok(account.crm.write([person(2, email="shared@example.com")])[0])
    result = account.crm.write([person(1, field("score", 5), crm_id=crm_id, email="shared@example.com")])[0]
    assert isinstance(result, Rejected)
    assert (result.code, result.existing_id) == ("NOT_FOUND", None)
    assert "leadrelay_score" not in account.contacts()[0].values


def test_records_are_read_in_the_order_of_the_keys(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(3)])]
    keys = [
        RecordKey(key(2)),
        RecordKey(key(99)),
        RecordKey("f" * 32, ids[0]),
        RecordKey("e" * 32, None, "Person1@Example.com"),
    ]
    assert [shown.crm_id if shown else None for shown in account.crm.read(keys)] == [ids[2], None, ids[0], ids[1]]


def test_search_is_never_used(account: Account) -> None:
    account.crm.write([person(1)])
    account.crm.read([RecordKey(key(1), None, "person1@example.com")])
    assert account.asked("search") == 0
    assert account.asked("batch/read") > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("shoe_size", "44"), ("captured_at", datetime(2026, 3, 2)), ("lead_status", "asleep")],  # noqa: DTZ001
)
def test_a_value_with_no_place_in_hubspot_is_left_out_before_it_is_sent(
    account: Account, name: str, value: str
) -> None:
    good, bad = (ok(result) for result in account.crm.write([person(1), person(2, field(name, value))]))
    assert good.refused == ()
    [why] = bad.refused
    assert (why.code, why.field, why.op_id) == ("VALIDATION", name, "op-2")
    assert str(value) not in why.message
    assert len(account.contacts()) == 2
    assert account.asked("batch/upsert") == 1


def test_reading_says_what_to_do_when_it_cannot(account: Account) -> None:
    account.world.fail("429_day")
    with pytest.raises(Retry) as later:
        account.crm.read([RecordKey(key(1))])
    assert later.value.scope == "day"
    account.world.fail("401")
    with pytest.raises(Misconfigured, match="Service Key"):
        account.crm.read([RecordKey(key(1))])
    account.world.fail("timeout", hold=5)
    with pytest.raises(Retry) as silent:
        account.crm.read([RecordKey(key(1))])
    assert silent.value.scope == "outage"


def test_a_reply_that_names_somebody_twice_still_answers_everybody() -> None:
    """Results are told apart by what they carry, not by their order."""

    class Shuffled:
        def call(self, api: str, method: str, kind: str, body: dict[str, Any]) -> Answer:
            if method == "read":
                return Answer(200, {}, {"results": []})
            made = [
                {"id": str(500 + place), "new": True, "properties": {**one["properties"], "leadrelay_key": one["id"]}}
                for place, one in enumerate(body["inputs"])
            ]
            return Answer(200, {}, {"results": [*reversed(made), made[0]]})

    wire: Any = Shuffled()
    results = People(wire, default_map()).upsert([person(number) for number in range(3)])
    assert [ok(result).crm_id for result in results] == ["500", "501", "502"]
