"""One lead is one lead or contact: made, found, claimed, never taken from another, never doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.salesforce.crm import SalesforceCrm, crm
from connectors.salesforce.fields import default_maps
from connectors.salesforce.lookup import Lookup, Record
from connectors.salesforce.sandbox.ids import shown as id_of
from connectors.salesforce.session import Answer
from leadrelay.ports.crm import Moved, Ok, RecordKey, Rejected, RetryLater, Skipped, Unknown
from leadrelay.ports.errors import Misconfigured, Retry
from tests.connectors.salesforce.conftest import GONE, OTHER, PATIENCE, QUEUE, REP, SECRET, Account
from tests.connectors.salesforce.samples import AT, field, key, known, ok, person

NOBODY = id_of("User", "66")


def test_a_new_person_is_a_lead_with_our_key_and_fields(account: Account) -> None:
    op = person(1, field("first_name", "Ann"), field("score", 85), field("captured_at", AT), fresh=True)
    result = ok(account.crm.write([op])[0])
    assert result.created
    assert result.applied == {
        "email": "person1@example.com", "first_name": "Ann", "score": "85", "captured_at": "2026-03-02T09:30:00.000Z"
    }  # fmt: skip
    [lead] = account.rows("Lead")
    assert lead["Id"] == result.crm_id
    assert (lead["LR_Key__c"], float(lead["LR_Score__c"]), lead["FirstName"]) == (key(1), 85, "Ann")


def test_what_salesforce_demands_and_we_do_not_know_stands_in_brackets_until_we_know(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    assert (account.row(crm_id)["Company"], account.row(crm_id)["LastName"]) == ("(unknown company)", "(person1)")
    [shown] = account.crm.read([RecordKey(key(1), crm_id)])
    assert shown is not None
    assert {"company", "last_name"}.isdisjoint(shown.fields)
    names = field("company", "Example Ltd", "fill_if_empty"), field("last_name", "Lee", "fill_if_empty")
    ok(account.crm.write([person(1, *names, crm_id=crm_id)])[0])
    assert (account.row(crm_id)["Company"], account.row(crm_id)["LastName"]) == ("Example Ltd", "Lee")
    phone = ok(account.crm.write([person(2, field("phone", "+15550100"), email=None)])[0]).crm_id
    assert account.row(phone)["LastName"] == "(unknown)"


def test_a_second_write_updates_the_same_lead(account: Account) -> None:
    first = ok(account.crm.write([person(1, field("score", 40))])[0])
    second = ok(account.crm.write([person(1, field("score", 75), crm_id=first.crm_id)])[0])
    third = ok(account.crm.write([person(1, field("score", 80))])[0])
    assert (second.crm_id, third.crm_id) == (first.crm_id, first.crm_id)
    assert (second.created, third.created) == (False, False)
    assert [float(lead["LR_Score__c"]) for lead in account.rows("Lead")] == [80]


def test_what_is_there_already_is_not_sent_again(account: Account) -> None:
    op = person(1, field("score", 40), field("captured_at", AT), field("lifecycle_stage", "sal", "forward_only"))
    crm_id = ok(account.crm.write([op])[0]).crm_id
    before = len(account.calls())
    again = ok(account.crm.write([op])[0])
    assert again == Ok("op-1", crm_id, applied=again.applied)
    assert again.applied["lifecycle_stage"] == "sal"
    assert account.calls()[before:] == ["POST /composite"]


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_known_address_is_claimed_and_what_a_rep_typed_is_kept(account: Account, kind: str) -> None:
    there = account.put(kind, Email="Person1@Example.com", FirstName="Typed")
    op = person(1, field("first_name", "Form", "fill_if_empty"), field("phone", "+15550100", "fill_if_empty"))
    result = ok(account.crm.write([replace(op, key=replace(op.key, fresh=True))])[0])
    assert (result.crm_id, result.created, result.applied["first_name"]) == (there, False, "Typed")
    row = account.row(there)
    assert (row["LR_Key__c"], row["FirstName"], row["Phone"]) == (key(1), "Typed", "+15550100")
    assert len(account.rows("Lead")) + len(account.rows("Contact")) == 1


def test_an_open_lead_comes_before_a_contact_and_the_oldest_first(account: Account) -> None:
    account.put("Contact", Email="person1@example.com")
    converted = account.put("Lead", Email="person1@example.com")
    account.convert(converted)
    first, _ = (account.put("Lead", Email="person1@example.com") for _ in range(2))
    assert ok(account.crm.write([person(1)])[0]).crm_id == first


def test_a_contact_gets_what_contacts_have(account: Account) -> None:
    there = account.put("Contact", Email="person1@example.com")
    fields = field("country", "NL"), field("company", "Example"), field("lead_status", "new"), field("score", 5)
    result = ok(account.crm.write([person(1, *fields)])[0])
    assert result.refused == ()
    assert result.applied == {"email": "person1@example.com", "country": "NL", "score": "5"}
    assert account.row(there)["MailingCountry"] == "NL"


def test_a_lead_with_only_a_phone_is_known_by_its_key(account: Account) -> None:
    op = person(1, field("phone", "+15550100"), email=None, fresh=True)
    first = ok(account.crm.write([op])[0])
    assert account.calls()[-1].startswith("PATCH")
    second = ok(account.crm.write([person(1, field("phone", "+15550100"), email=None)])[0])
    assert first.crm_id == second.crm_id
    assert len(account.rows("Lead")) == 1


def test_another_leads_record_is_never_taken_over(account: Account) -> None:
    """Two people may write from one address, whatever the account's duplicate rules say."""
    account.sandbox.dialect.configure({"duplicate_rule": True})
    mine = ok(account.crm.write([person(1, email="info@example.com")])[0])
    op = person(2, field("score", 9), email="info@example.com")
    theirs, again = ok(account.crm.write([op])[0]), ok(account.crm.write([op])[0])
    assert theirs.created
    assert (again.crm_id, theirs.refused) == (theirs.crm_id, ())
    first, second = account.rows("Lead")
    assert (first["Id"], first["LR_Key__c"], "LR_Score__c" in first) == (mine.crm_id, key(1), False)
    assert (second["LR_Key__c"], second["Email"]) == (key(2), "info@example.com")


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
@pytest.mark.parametrize("others", [0, 2])
def test_a_duplicate_rule_points_to_the_record_it_found(account: Account, spelling: str, others: int) -> None:
    account.sandbox.dialect.configure({"duplicate_rule": True, "duplicate_spelling": spelling})
    there = account.put("Lead", Email="person1@example.com")
    op = person(1, field("email", "person1@example.com"), email=None)
    results = account.crm.write([op, *(person(5 + number) for number in range(others))])
    result = results[0]
    assert isinstance(result, Rejected)
    assert (result.code, result.existing_id) == ("DUPLICATE", there)
    assert [type(one) for one in results[1:]] == [Ok] * others
    assert "LR_Key__c" not in account.row(there)


def test_a_duplicate_that_a_collection_does_not_name_is_asked_about_alone() -> None:
    holder = id_of("Lead", "6")
    org = Unnaming(holder)
    role = SalesforceCrm(org, default_maps())  # type: ignore[arg-type]
    first, second = role.write([person(number, email=None, fresh=True) for number in (1, 2)])
    assert isinstance(first, Rejected)
    assert (first.code, first.existing_id, ok(second).crm_id) == ("DUPLICATE", holder, id_of("Lead", "7"))
    assert len(org.asked) == 2


class Unnaming:
    """An org that says in a collection that something is a duplicate, and of what only when asked about it alone."""

    base = "/services/data/v62.0"

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self.asked: list[str] = []

    def call(self, method: str, path: str, body: Any = None, *_: object, **__: object) -> Answer:
        self.asked.append(path)
        told = {"message": "Use one of these records?"}
        if path.startswith("/composite/"):
            failed = {"success": False, "errors": [{"statusCode": "DUPLICATES_DETECTED", "fields": [], **told}]}
            return Answer(200, [failed, {"success": True, "id": id_of("Lead", "7"), "created": True, "errors": []}])
        match = {"matchRecords": [{"matchConfidence": 100.0, "record": {"Id": self.holder}}]}
        return Answer(400, [{"duplicateResut": {"matchResults": [match]}, "errorCode": "DUPLICATES_DETECTED", **told}])


@pytest.mark.parametrize("holder", ["", key(1), key(2)])
def test_a_record_made_between_our_look_and_our_write(
    account: Account, holder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Lookup.find
    seen: list[int] = []

    def look_then_lose(self: Lookup, keys: Sequence[RecordKey]) -> list[Record | None]:
        found = look(self, keys)
        if not seen:
            account.put("Lead", Email="person1@example.com", LR_Key__c=holder)
        seen.append(len(keys))
        return found

    monkeypatch.setattr(Lookup, "find", look_then_lose)
    crm_id = ok(account.crm.write([person(1, field("score", 5))])[0]).crm_id
    keys = [lead.get("LR_Key__c", "") for lead in account.rows("Lead")]
    assert keys.count(key(1)) == 1
    assert (account.row(crm_id)["LR_Key__c"], float(account.row(crm_id)["LR_Score__c"])) == (key(1), 5)
    assert len(keys) == (1 if holder == key(1) else 2)


def test_a_key_that_was_stamped_elsewhere_meanwhile_is_looked_for_once_more(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique key keeps the second writer out; it then finds the first one's record."""
    claimed = account.put("Lead", Email="person1@example.com")
    look = Lookup.find
    seen: list[int] = []

    def look_then_lose(self: Lookup, keys: Sequence[RecordKey]) -> list[Record | None]:
        found = look(self, keys)
        if not seen:
            account.put("Lead", Email="elsewhere@example.com", LR_Key__c=key(1))
        seen.append(len(keys))
        return found

    monkeypatch.setattr(Lookup, "find", look_then_lose)
    result = ok(account.crm.write([person(1, field("score", 5))])[0])
    assert result.crm_id != claimed
    assert [lead.get("LR_Key__c") for lead in account.rows("Lead")] == [None, key(1)]


def test_a_field_is_cleared(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("queue", "nurture"), field("product", "team"))])[0]).crm_id
    op = known(1, crm_id, field("queue", "ignored", "clear"), field("product", None))
    assert ok(account.crm.write([op])[0]).applied == {"queue": "", "product": ""}
    assert {"LR_Queue__c", "LR_Product__c"}.isdisjoint(account.row(crm_id))


def test_the_same_person_twice_in_one_write_is_one_lead(account: Account) -> None:
    ops = [person(1, field("score", 1)), replace(person(1, field("score", 2)), op_id="op-again"), person(2)]
    results = [ok(result) for result in account.crm.write(ops)]
    assert results[0].crm_id == results[1].crm_id != results[2].crm_id
    assert float(account.row(results[0].crm_id)["LR_Score__c"]) == 2


def test_many_people_go_out_in_two_hundreds_and_come_back_in_order(account: Account) -> None:
    ops = [person(number, field("score", number % 100), fresh=True) for number in range(250)]
    before = len(account.calls())
    results = account.crm.write(ops)
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    ids = {ok(result).crm_id: op.key.lead_key for result, op in zip(results, ops, strict=True)}
    assert {lead["Id"]: lead["LR_Key__c"] for lead in account.rows("Lead")} == ids
    assert sum(line.startswith("PATCH") for line in account.calls()[before:]) == 2


def test_leads_and_contacts_are_followed_up_in_one_call(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(4)])]
    ids[1] = account.convert(ids[1])
    before = len(account.calls())
    results = account.crm.write([known(number, crm_id, field("score", number)) for number, crm_id in enumerate(ids)])
    assert [ok(result).crm_id for result in results] == ids
    assert [float(account.row(crm_id)["LR_Score__c"]) for crm_id in ids] == [0, 1, 2, 3]
    assert account.calls()[before:] == ["PATCH /composite/sobjects"]


# -- fields that are not taken


def test_a_field_that_is_not_taken_holds_up_no_other(account: Account) -> None:
    long = "x" * 200
    op = person(
        1, field("lead_status", "asleep"), field("job_title", long), field("employees", "many"), field("score", 3)
    )
    result = ok(account.crm.write([op])[0])
    assert {one.field: one.code for one in result.refused} == {
        "lead_status": "VALIDATION", "job_title": "VALIDATION", "employees": "VALIDATION"
    }  # fmt: skip
    assert float(account.row(result.crm_id)["LR_Score__c"]) == 3
    assert all("many" not in one.message and long not in one.message for one in result.refused)


def test_one_bad_person_does_not_hide_or_harm_the_others(account: Account) -> None:
    ops = [person(1, field("score", 1)), person(2, field("job_title", "x" * 200)), person(3, field("score", 3))]
    first, bad, third = (ok(result) for result in account.crm.write(ops))
    assert (first.refused, third.refused) == ((), ())
    assert [one.field for one in bad.refused] == ["job_title"]
    assert len(account.rows("Lead")) == 3


def test_a_last_name_that_is_not_taken_gives_way_to_the_stand_in(account: Account) -> None:
    result = ok(account.crm.write([person(1, field("last_name", "x" * 90, "fill_if_empty"))])[0])
    assert [one.field for one in result.refused] == ["last_name"]
    assert account.row(result.crm_id)["LastName"] == "(person1)"


def test_a_text_of_ours_is_cut_to_its_field(account: Account) -> None:
    result = ok(account.crm.write([person(1, field("next_step", "a" * 300), field("message", "b" * 40_000))])[0])
    row = account.row(result.crm_id)
    assert (len(row["LR_Next_Step__c"]), len(row["LR_Message__c"])) == (255, 32_000)
    assert row["LR_Next_Step__c"].endswith("…")


def test_a_refusal_of_the_whole_collection_is_traced_to_its_cause(account: Account) -> None:
    account.world.fail("400", match="PATCH .*/composite/sobjects", times=1)
    results = account.crm.write([person(number) for number in range(5)])
    assert [ok(result).op_id for result in results] == [f"op-{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("name", "value"), [("shoe_size", "44"), ("captured_at", datetime(2026, 3, 2))]  # noqa: DTZ001
)  # fmt: skip
def test_a_value_with_no_place_in_salesforce_is_left_out_and_told(account: Account, name: str, value: str) -> None:
    [result] = account.crm.write([person(2, field(name, value), field("score", 1))])
    assert [(one.field, one.code) for one in ok(result).refused] == [(name, "VALIDATION")]
    assert len(account.rows("Lead")) == 1


# -- owners


def test_a_new_leads_owner_is_set(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("owner", REP, "guarded"))])[0]).crm_id
    assert account.row(crm_id)["OwnerId"] == REP
    [shown] = account.crm.read([RecordKey(key(1), crm_id)])
    assert shown is not None
    assert (shown.owner_id, shown.fields["owner"]) == (REP, REP)


@pytest.mark.parametrize(
    ("now", "was", "then"),
    [
        ("us", None, OTHER),  # the record was made by us, before anybody was chosen
        ("us", REP, OTHER),
        (QUEUE, None, OTHER),  # a queue is nobody while we have not chosen anybody
        (QUEUE, REP, QUEUE),  # a rep gave it to the queue
        (REP, None, REP),  # a rep took it
        (REP, REP, OTHER),
        (REP, REP[:15], OTHER),  # rules may hold the short form
        (OTHER, REP, OTHER),
    ],
)
def test_an_owner_changes_only_while_the_record_shows_ours_or_nobody(
    account: Account, now: str, was: str | None, then: str
) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    if now != "us":
        account.edit(crm_id, OwnerId=now)
    op = known(1, crm_id, field("owner", OTHER, "guarded", was), field("score", 3))
    result = ok(account.crm.write([op])[0])
    assert (account.row(crm_id)["OwnerId"], result.applied["owner"], result.refused) == (then, then, ())


def test_a_queue_owns_a_lead_and_never_a_contact(account: Account) -> None:
    lead = ok(account.crm.write([person(1, field("owner", QUEUE, "guarded"))])[0])
    assert account.row(lead.crm_id)["OwnerId"] == QUEUE
    account.edit(lead.crm_id, OwnerId=REP)
    contact = account.convert(lead.crm_id)
    result = ok(account.crm.write([known(1, contact, field("owner", QUEUE, "guarded", REP), field("score", 1))])[0])
    assert [(one.field, one.code) for one in result.refused] == [("owner", "OWNER_INACTIVE")]
    assert (account.row(contact)["OwnerId"], result.applied["owner"]) == (REP, REP)


@pytest.mark.parametrize("owner", [GONE, NOBODY, "nobody"])
@pytest.mark.parametrize("others", [0, 2])
def test_an_owner_who_is_gone_holds_up_nothing_else(account: Account, owner: str, others: int) -> None:
    ops = [person(1, field("owner", owner, "guarded"), field("score", 3)), *(person(5 + n) for n in range(others))]
    result = ok(account.crm.write(ops)[0])
    assert [(one.field, one.code) for one in result.refused] == [("owner", "OWNER_INACTIVE")]
    assert float(account.row(result.crm_id)["LR_Score__c"]) == 3


def test_nobody_is_left_without_an_owner(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1, field("owner", REP, "guarded"))])[0]).crm_id
    for write in (field("owner", None, "guarded", REP), field("owner", None), field("owner", REP, "clear")):
        assert ok(account.crm.write([known(1, crm_id, write, field("score", 3))])[0]).refused == ()
    assert account.row(crm_id)["OwnerId"] == REP


def test_assignment_rules_never_run(account: Account) -> None:
    account.sandbox.dialect.configure({"default_owner": OTHER})
    first, second = (ok(one).crm_id for one in account.crm.write([person(n, field("owner", REP)) for n in (1, 2)]))
    account.sandbox.dialect.configure({"expire": True})  # renewing the token must not lose the header
    account.crm.write([known(1, first, field("score", 1))])
    account.crm.write([known(1, first, field("score", 2)), known(2, second, field("score", 2))])
    assert [account.row(one)["OwnerId"] for one in (first, second)] == [REP, REP]


# -- stages


@pytest.mark.parametrize(
    ("now", "wanted", "then"),
    [("lead", "mql", "mql"), ("mql", "lead", "mql"), ("mql", "sal", "sal"), ("mql", "disqualified", "mql"),
     ("customer", "recycled", "customer"), ("Their own", "sql", "Their own")],
)  # fmt: skip
def test_a_stage_only_moves_forward(account: Account, now: str, wanted: str, then: str) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    stages = {"lead": "Lead", "mql": "Marketing qualified", "customer": "Customer"}
    account.edit(crm_id, LR_Stage__c=stages.get(now, now))
    op = person(1, field("lifecycle_stage", wanted, "forward_only"), field("score", 1), crm_id=crm_id)
    assert ok(account.crm.write([op])[0]).applied["lifecycle_stage"] == then
    [shown] = account.crm.read([op.key])
    assert shown is not None
    assert shown.fields["lifecycle_stage"] == then


# -- converted, merged, deleted


@pytest.mark.parametrize("looked", [True, False])
@pytest.mark.parametrize("others", [0, 2])
def test_a_converted_lead_has_moved_to_its_contact(account: Account, looked: bool, others: int) -> None:
    old = ok(account.crm.write([person(1)])[0]).crm_id
    contact = account.convert(old)
    op = known(1, old, field("score", 5), *([field("phone", "1", "fill_if_empty")] if looked else []))
    results = account.crm.write([op, *(person(5 + number) for number in range(others))])
    assert results[0] == Moved("op-1", contact)
    assert [type(one) for one in results[1:]] == [Ok] * others
    [shown] = account.crm.read([RecordKey(key(1), old)])
    assert shown is not None
    assert shown.crm_id == contact
    assert ok(account.crm.write([known(1, contact, field("score", 5))])[0]).crm_id == contact


@pytest.mark.parametrize("others", [0, 2])
def test_a_record_we_know_is_no_other_whatever_a_duplicate_rule_says(account: Account, others: int) -> None:
    account.sandbox.dialect.configure({"duplicate_rule": True})
    account.put("Contact", Email="person1@example.com")
    mine = ok(account.crm.write([person(1, email=None)])[0]).crm_id
    ops = [person(1, field("score", 5), crm_id=mine), *(person(5 + number) for number in range(others))]
    result = ok(account.crm.write(ops)[0])
    assert (result.crm_id, result.refused, account.row(mine)["Email"]) == (mine, (), "person1@example.com")


def test_a_rule_that_blocks_even_so_costs_the_address_only() -> None:
    """The account may forbid duplicates altogether; our own record is still the one to write."""
    mine, theirs = id_of("Lead", "5"), id_of("Lead", "6")
    role = SalesforceCrm(Blocking(theirs), default_maps())  # type: ignore[arg-type]
    [result] = role.write([known(1, mine, field("email", "x@example.com"), field("score", 5))])
    assert [(why.code, why.field, why.existing_id) for why in ok(result).refused] == [("DUPLICATE", "email", theirs)]
    assert ok(result).applied == {"score": "5"}
    [told] = role.write([known(1, mine, field("product", "x"))])
    assert isinstance(told, Rejected)
    assert (told.code, told.existing_id) == ("DUPLICATE", None)


class Blocking:
    """An org whose duplicate rule lets nothing pass that has an address, or a product."""

    base = "/services/data/v62.0"

    def __init__(self, holder: str) -> None:
        self.holder = holder

    def call(self, method: str, path: str, body: Any = None, *_: object, **__: object) -> Answer:
        if not {"Email", "LR_Product__c"} & set(body):
            return Answer(204)
        match = {"matchRecords": [{"matchConfidence": 100.0, "record": {"Id": self.holder}}]}
        problem = {"errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?"}
        return Answer(400, [{"duplicateResut": {"matchResults": [match]}, **problem}])


def test_the_short_form_of_an_id_does_as_well(account: Account) -> None:
    old = ok(account.crm.write([person(1)])[0]).crm_id
    assert ok(account.crm.write([known(1, old[:15], field("score", 5))])[0]).crm_id == old
    looked = known(1, old[:15], field("phone", "1", "fill_if_empty"))
    assert ok(account.crm.write([looked])[0]).crm_id == old
    contact = account.convert(old)
    for op in (known(1, old[:15], field("score", 6)), looked):
        assert account.crm.write([op]) == [Moved("op-1", contact)]


def test_a_refusal_of_the_whole_names_fields_that_not_everybody_has(account: Account) -> None:
    """A field the account lost its right to write: those who have it go without it, the others go at once."""
    ids = [ok(one).crm_id for one in account.crm.write([person(number) for number in range(4)])]
    wire = Names({"LR_Score__c", "LR_Product__c"})
    maps = default_maps()
    crm_ = SalesforceCrm(wire, maps)  # type: ignore[arg-type]
    words = ("score", "product", "queue", "score")
    results = crm_.write([known(n, ids[n], field(word, n), field("next_step", "x")) for n, word in enumerate(words)])
    assert [[why.field for why in ok(result).refused] for result in results] == [["score"], ["product"], [], ["score"]]


class Names:
    """An org that refuses a whole collection for the fields it does not let us write."""

    base = "/services/data/v62.0"

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def call(self, method: str, path: str, body: Any = None, *_: object, **__: object) -> Answer:
        records = body.get("records", [body])
        if any(self.names & set(record) for record in records):
            listed = ", ".join(sorted(self.names))
            message = f"Unable to create/update fields: {listed}. Please check the security settings of this field."
            return Answer(400, [{"errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": message}])
        if path == "/composite/sobjects":
            return Answer(200, [{"id": record["id"], "success": True, "errors": []} for record in records])
        return Answer(204)


def test_somebody_we_know_only_by_key_is_found_as_the_contact_they_became(account: Account) -> None:
    old = ok(account.crm.write([person(1)])[0]).crm_id
    contact = account.convert(old)
    account.edit(contact, LR_Key__c="", Email="elsewhere@example.com")  # no field mapping for the conversion
    result = ok(account.crm.write([person(1, field("score", 5))])[0])
    assert (result.crm_id, result.created) == (contact, False)
    assert account.row(contact)["LR_Key__c"] == key(1)
    assert len(account.rows("Lead")) == 1


def test_a_fresh_lead_whose_key_a_converted_lead_has_is_that_contact(account: Account) -> None:
    old = ok(account.crm.write([person(1, email=None)])[0]).crm_id
    contact = account.convert(old)
    assert ok(account.crm.write([person(1, field("score", 5), email=None, fresh=True)])[0]).crm_id == contact


@pytest.mark.parametrize("looked", [True, False])
def test_a_merged_lead_has_moved(account: Account, looked: bool) -> None:
    old, new = (ok(one).crm_id for one in account.crm.write([person(1), person(2)]))
    account.hands.merge(new, old)
    op = known(1, old, field("score", 5), *([field("phone", "1", "fill_if_empty")] if looked else []))
    assert account.crm.write([op]) == [Moved("op-1", new)]
    assert ok(account.crm.write([known(1, new, field("score", 5))])[0]).crm_id == new
    assert account.row(new)["LR_Key__c"] == key(2)


def test_merged_then_converted_is_followed_to_the_end_by_reading(account: Account) -> None:
    old, new = (ok(one).crm_id for one in account.crm.write([person(1), person(2)]))
    account.hands.merge(new, old)
    contact = account.convert(new)
    [shown] = account.crm.read([RecordKey(key(1), old)])
    assert shown is not None
    assert shown.crm_id == contact


@pytest.mark.parametrize("looked", [True, False])
@pytest.mark.parametrize("create", [True, False])
def test_a_deleted_lead_is_not_made_again_behind_the_callers_back(account: Account, looked: bool, create: bool) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    account.hands.delete(crm_id)
    extra = [field("phone", "1", "fill_if_empty")] if looked else []
    result = account.crm.write([known(1, crm_id, field("score", 5), *extra, create=create)])[0]
    assert isinstance(result, Rejected if create else Skipped)
    assert not isinstance(result, Rejected) or (result.code, result.existing_id) == ("NOT_FOUND", None)
    assert account.rows("Lead") == []
    assert account.crm.read([RecordKey(key(1), crm_id, "person1@example.com")]) == [None]


def test_nobody_is_made_where_nobody_is_to_be_made(account: Account) -> None:
    assert isinstance(account.crm.write([replace(person(1), create=False)])[0], Skipped)
    account.crm.write([person(2, email="info@example.com")])
    assert isinstance(account.crm.write([replace(person(1, email="info@example.com"), create=False)])[0], Skipped)
    assert len(account.rows("Lead")) == 1


# -- reading


def test_records_are_read_in_the_order_of_the_keys(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(3)])]
    keys = [
        RecordKey(key(2)),
        RecordKey(key(99)),
        RecordKey("f" * 32, ids[0]),
        RecordKey("e" * 32, None, "Person1@Example.com"),
    ]
    assert [shown.crm_id if shown else None for shown in account.crm.read(keys)] == [ids[2], None, ids[0], ids[1]]


def test_hundreds_are_read_in_a_few_calls(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number, fresh=True) for number in range(120)])]
    before = len(account.calls())
    found = account.crm.read([RecordKey(key(number), crm_id) for number, crm_id in enumerate(ids)])
    assert [one and one.crm_id for one in found] == ids
    assert len(account.calls()) - before == 1


def test_an_owner_who_is_us_is_nobody(account: Account) -> None:
    crm_id = ok(account.crm.write([person(1)])[0]).crm_id
    [shown] = account.crm.read([RecordKey(key(1), crm_id)])
    assert shown is not None
    assert (shown.owner_id, "owner" in shown.fields) == (None, False)


BENT = ["../tasks/1", "00Q5e000000003EEAZ", "005xx000001SvogAAC", "1?archived=true", "x", "١٢", "1" * 18]


@pytest.mark.parametrize("bent", BENT)
def test_no_id_or_key_from_outside_bends_a_path(account: Account, bent: str) -> None:
    before = len(account.calls())
    by_id = account.crm.write([known(1, bent, field("score", 1))])[0]
    by_key = account.crm.write([replace(person(1), key=RecordKey(bent, None, None, fresh=True))])[0]
    assert isinstance(by_id, Rejected)
    assert isinstance(by_key, Rejected)
    assert (by_id.code, by_id.field, by_key.code, by_key.field) == ("VALIDATION", "crm_id", "VALIDATION", "lead_key")
    assert account.crm.read([RecordKey(bent, bent, "o'hara@example.com")]) == [None]
    assert account.calls()[before:] == []


def test_an_address_is_data_in_a_query(account: Account) -> None:
    hostile = "x' OR Email != 'y@example.com"
    account.put("Lead", Email="victim@example.com")
    assert account.crm.read([RecordKey(key(1), None, hostile)]) == [None]
    op = person(1, field("score", 3), email=None)
    result = ok(account.crm.write([replace(op, key=RecordKey(key(1), None, hostile))])[0])
    assert result.created
    assert [lead.get("LR_Key__c") for lead in account.rows("Lead")] == [None, key(1)]


def test_reading_says_what_to_do_when_it_cannot(account: Account) -> None:
    account.world.fail("429_day", match="composite")
    with pytest.raises(Retry) as later:
        account.crm.read([RecordKey(key(1))])
    assert later.value.scope == "day"
    account.world.fail("401", match="composite", times=2)
    with pytest.raises(Misconfigured, match="External Client App"):
        account.crm.read([RecordKey(key(1))])
    account.world.fail("timeout", match="composite", hold=5)
    with pytest.raises(Retry) as silent:
        account.hasty.read([RecordKey(key(1))])
    assert silent.value.scope == "outage"


def test_an_account_without_our_fields_says_what_to_run(account: Account) -> None:
    for one in account.world.all("PermissionSetAssignment"):
        account.world.delete("PermissionSetAssignment", one.id)
    with pytest.raises(Misconfigured, match="leadrelay crm setup"):
        account.crm.read([RecordKey(key(1))])
    result = account.crm.write([person(1)])[0]
    assert isinstance(result, Rejected)
    assert (result.code, "leadrelay crm setup" in result.message) == ("PERMISSION", True)


def test_silence_while_writing_is_an_unknown_outcome(account: Account) -> None:
    account.world.fail("timeout_after_commit", match="PATCH", hold=5)
    result = account.hasty.write([person(1)])[0]
    assert isinstance(result, Unknown)
    [shown] = account.crm.read([person(1).key])
    assert shown is not None
    assert len(account.rows("Lead")) == 1


def test_nobody_there_means_nothing_happened() -> None:
    result = crm(SECRET, "http://127.0.0.1:9", PATIENCE).write([person(1), person(2)])
    assert [type(one) for one in result] == [RetryLater] * 2


@pytest.mark.parametrize("number", [1, 2])
def test_of_several_records_with_our_key_one_is_written_to(account: Account, number: int) -> None:
    """Alone and in a collection the same: where the upsert finds several, the lead is looked for by its key."""
    for column in account.world.all("CustomField"):
        account.world.update("CustomField", column.id, {"Unique": "false"})
    both = [account.put("Lead", LR_Key__c=key(1)) for _ in range(2)]
    ops = [person(one, field("score", 5), email=None, fresh=True) for one in range(1, number + 1)]
    before = len(account.calls())
    first, *others = (ok(result) for result in account.crm.write(ops))
    assert len(account.calls()) - before == 3
    assert first.crm_id in both
    assert first.created is False
    assert [one.created for one in others] == [True] * (number - 1)
    assert len(account.rows("Lead")) == 1 + number
