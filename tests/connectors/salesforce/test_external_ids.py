"""Upserts by our own key: created or changed, never twice, and what happens where the key is not alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMoreThanOneRecord, SalesforceResourceNotFound
from simple_salesforce.format import format_external_id

from connectors.salesforce.setup import setup
from tests.connectors.salesforce.org import BASE, CREDENTIALS, Org, refused, standing

KEY, OTHER = "a" * 32, "b" * 32
NEW = {"LastName": "Ames", "Company": "Elm"}


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        role = setup(CREDENTIALS, org.sandbox.url)
        role.apply([op for op in role.plan() if op.kind != "view"])
        yield org


def upsert(org: Org, key: str, body: object, **query: str) -> Any:
    return org.client.restful(f"sobjects/Lead/LR_Key__c/{key}", query, method="PATCH", json=body)


def together(org: Org, *records: dict[str, object], all_or_none: bool = False) -> list[Any]:
    typed = [{"attributes": {"type": "Lead"}, **record} for record in records]
    body = {"allOrNone": all_or_none, "records": typed}
    told: list[Any] = org.client.restful("composite/sobjects/Lead/LR_Key__c", method="PATCH", json=body)
    return told


def leads(org: Org) -> int:
    return int(org.client.query("SELECT COUNT() FROM Lead")["totalSize"])


def test_the_status_tells_whether_it_is_new(org: Org) -> None:
    statuses = [
        org.client.Lead.upsert(format_external_id("LR_Key__c", KEY), body, raw_response=True)
        for body in (NEW, {"Title": "CEO"})
    ]
    assert [one.status_code for one in statuses] == [201, 200]
    first, second = (one.json() for one in statuses)
    assert (first["created"], second["created"], first["id"]) == (True, False, second["id"])
    assert org.client.Lead.get(first["id"])["LR_Key__c"] == KEY


def test_update_only_creates_nothing(org: Org) -> None:
    with pytest.raises(SalesforceResourceNotFound):
        upsert(org, KEY, NEW, updateOnly="true")
    assert leads(org) == 0
    upsert(org, KEY, NEW)
    assert upsert(org, KEY, {"Title": "CEO"}, updateOnly="true")["created"] is False


def test_the_key_stands_in_the_address_alone(org: Org) -> None:
    assert refused(lambda: upsert(org, KEY, {**NEW, "LR_Key__c": KEY}))["errorCode"] == "INVALID_FIELD"
    wrong = refused(
        lambda: org.client.restful(f"sobjects/Lead/Title/{KEY}", method="PATCH", json=NEW), SalesforceResourceNotFound
    )
    assert wrong["message"].startswith("Provided external ID field does not exist")


def test_a_key_is_nobody_elses(org: Org) -> None:
    made = upsert(org, KEY, NEW)["id"]
    taken = refused(lambda: org.lead(LR_Key__c=KEY.upper()))
    assert taken["errorCode"] == "DUPLICATE_VALUE"
    assert taken["message"] == f"duplicate value found: LR_Key__c duplicates value on record with id: {made}"
    org.hands.delete(made)
    assert upsert(org, KEY, NEW)["created"] is True


def test_several_records_with_one_key_are_named(org: Org) -> None:
    for field in org.world.all("CustomField"):
        org.world.update("CustomField", field.id, {"Unique": "false"})
    both = {org.lead(LR_Key__c=KEY) for _ in range(2)}
    with pytest.raises(SalesforceMoreThanOneRecord) as caught:
        upsert(org, KEY, {"Title": "CEO"})
    urls: Any = caught.value.content
    assert set(urls) == {f"{BASE}/sobjects/Lead/{one}" for one in both}
    [result] = together(org, {"LR_Key__c": KEY, "Title": "CEO"})
    assert result["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_a_collection_tells_each_record_whether_it_is_new(org: Org) -> None:
    there = upsert(org, KEY, NEW)["id"]
    results = together(org, {"LR_Key__c": KEY, "Title": "CEO"}, {"LR_Key__c": OTHER, **NEW}, {"LR_Key__c": "", **NEW})
    assert [one.get("created") for one in results] == [False, True, None]
    assert results[0]["id"] == there
    assert results[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert leads(org) == 2


def test_a_key_twice_in_one_collection_is_refused_twice(org: Org) -> None:
    results = together(org, {"LR_Key__c": KEY, **NEW}, {"LR_Key__c": KEY.upper(), **NEW}, {"LR_Key__c": OTHER, **NEW})
    assert [one["success"] for one in results] == [False, False, True]
    assert results[0]["errors"][0]["message"].startswith("Duplicate external id specified")


def test_all_or_none_creates_none(org: Org) -> None:
    results = together(org, {"LR_Key__c": KEY, **NEW}, {"LR_Key__c": OTHER}, all_or_none=True)
    codes = [one["errors"][0]["statusCode"] for one in results]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert leads(org) == 0


def test_a_duplicate_in_a_collection_names_the_record_it_matched(org: Org) -> None:
    there = org.lead(Email="ann@example.com")
    org.sandbox.dialect.configure({"duplicate_rule": True})
    [result] = together(org, {"LR_Key__c": KEY, **NEW, "Email": "ann@example.com"})
    [error] = result["errors"]
    assert error["statusCode"] == "DUPLICATES_DETECTED"
    assert error["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]["Id"] == there


def test_a_collection_is_of_one_object(org: Org) -> None:
    body = {"records": [{"attributes": {"type": "Contact"}, "LR_Key__c": KEY, "LastName": "A"}]}
    asked = refused(lambda: org.client.restful("composite/sobjects/Lead/LR_Key__c", method="PATCH", json=body))
    assert asked["errorCode"] == "JSON_PARSER_ERROR"
