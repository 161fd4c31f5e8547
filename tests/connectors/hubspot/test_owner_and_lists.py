"""The owner is written only where a person has not decided; lists take and give back; a refusal keeps to its field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadrelay.local.crm_world import Owner
from leadrelay.ports.crm import OWNER, FieldWrite, Moved, Rejected, Skipped
from tests.connectors.hubspot.conftest import Account
from tests.connectors.hubspot.samples import field, key, member, ok, owner, person


@pytest.fixture
def contact(account: Account) -> str:
    return ok(account.crm.write([person(1)])[0]).crm_id


def shown_owner(account: Account) -> str:
    return account.contacts()[0].values.get("hubspot_owner_id", "")


def given_by_hand(account: Account, contact: str, to: str) -> None:
    account.world.update("contacts", contact, {"hubspot_owner_id": to})


def test_an_owner_is_given_changed_and_taken_while_nobody_interferes(account: Account, contact: str) -> None:
    given_by_hand(account, contact, "")
    assert ok(account.crm.write([owner(contact, "7")])[0]).applied == {OWNER: "7"}
    [shown] = account.crm.read([person(1).key])
    assert shown is not None
    assert (shown.owner_id, shown.fields[OWNER]) == ("7", "7")
    assert ok(account.crm.write([owner(contact, None, was="7")])[0]).applied == {OWNER: ""}
    assert shown_owner(account) == ""


def test_what_a_person_decided_stays_and_is_told(account: Account, contact: str) -> None:
    account.world.put_owner(Owner("9", "rep.three@example.test", "Rep", "Three"))
    given_by_hand(account, contact, "9")
    for op in (owner(contact, "7"), owner(contact, "7", was="8"), owner(contact, None, was="7")):
        done = ok(account.crm.write([op])[0])
        assert (done.applied, done.refused) == ({OWNER: "9"}, ())
    assert shown_owner(account) == "9"


def test_a_first_write_gives_the_owner_with_everything_else(account: Account) -> None:
    op = person(1, field("score", 5), FieldWrite(OWNER, "7", "guarded"))
    done = ok(account.crm.write([op])[0])
    assert (done.created, done.applied[OWNER], shown_owner(account)) == (True, "7", "7")


@pytest.mark.parametrize("gone", ["8", "99"])
def test_an_owner_who_is_gone_holds_up_nothing_else(account: Account, contact: str, gone: str) -> None:
    op = person(1, field("score", 5), FieldWrite(OWNER, gone, "guarded"), crm_id=contact)
    done = ok(account.crm.write([op])[0])
    assert [(why.code, why.field, gone in why.message) for why in done.refused] == [("OWNER_INACTIVE", OWNER, True)]
    assert done.applied == {"email": "person1@example.com", "score": "5", OWNER: ""}
    assert account.contacts()[0].values["leadrelay_score"] == "5"


def test_every_refused_field_is_told_and_the_rest_is_written(account: Account, contact: str) -> None:
    known = account.world.properties("contacts")["hs_lead_status"]
    account.world.define("contacts", replace(known, options=(("NEW", "New"),)))
    fields = (field("lead_status", "connected"), field("employees", "many"), field("shoe_size", 44), field("score", 5))
    done = ok(account.crm.write([person(1, *fields, crm_id=contact, email=None)])[0])
    assert {why.field: why.code for why in done.refused} == dict.fromkeys(
        ("lead_status", "employees", "shoe_size"), "VALIDATION"
    )
    assert done.applied == {"score": "5"}
    assert "leadrelay_score" in account.contacts()[0].values


def test_a_lost_contact_is_skipped_where_none_may_be_made(account: Account) -> None:
    op = replace(person(1, field("score", 1)), create=False)
    assert isinstance(account.crm.write([op])[0], Skipped)
    known = account.world.create("contacts", {"email": "person1@example.com"})
    done = ok(account.crm.write([op])[0])
    assert (done.crm_id, done.created) == (known.id, False)
    account.world.delete("contacts", known.id)
    for gone in (person(1, crm_id=known.id), person(1, field("score", 2), crm_id=known.id, email=None)):
        assert isinstance(account.crm.write([replace(gone, create=False)])[0], Skipped)
    assert account.contacts() == []


def test_without_looking_a_merge_and_a_deletion_are_noticed(account: Account) -> None:
    first, second, third, winner = (ok(r).crm_id for r in account.crm.write([person(n) for n in range(4)]))
    account.world.merge("contacts", winner, first)
    account.world.delete("contacts", second)
    ops = [person(n, field("score", 7), crm_id=crm_id, email=None) for n, crm_id in enumerate((first, second, third))]
    before = account.asked("batch/")
    moved, gone, done = account.crm.write(ops)
    assert moved == Moved("op-0", winner)
    assert isinstance(gone, Rejected)
    assert gone.code == "NOT_FOUND"
    assert ok(done).applied == {"score": "7"}
    assert account.asked("batch/") == before + 2
    keys = {contact.id: contact.values["leadrelay_key"] for contact in account.contacts()}
    assert keys[winner] == key(3)


def test_contacts_are_put_on_a_list_and_taken_off_again(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(3)])]
    lists = [account.world.create("lists", {"name": name}).id for name in ("a", "b")]
    ops = [member(ids[0], lists[0]), member(ids[1], lists[0], op_id="m2"), member(ids[2], lists[1], op_id="m3")]
    before = account.asked("memberships")
    assert [ok(result).crm_id for result in account.crm.write(ops)] == ids
    assert account.asked("memberships") == before + 2
    assert account.world.linked(("lists", lists[0]), "contacts") == ids[:2]
    again = [*ops[:1], member(ids[0], lists[0], on=False, op_id="off"), member("999", lists[0], op_id="nobody")]
    on, off, nobody = account.crm.write(again)
    assert (ok(on).crm_id, ok(off).crm_id) == (ids[0], ids[0])
    assert isinstance(nobody, Rejected)
    assert nobody.code == "NOT_FOUND"
    assert account.world.linked(("lists", lists[0]), "contacts") == ids[1:2]


def test_a_list_that_is_not_there_is_named_by_hubspot(account: Account, contact: str) -> None:
    result = account.crm.write([member(contact, "424242")])[0]
    assert isinstance(result, Rejected)
    assert result.code == "NOT_FOUND"
