"""Many records in one call: collections, composite requests, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.store import ME
from tests.connectors.salesforce.org import BASE, LEFT, REP, Org, refused, standing


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        yield org


def record(**fields: object) -> dict[str, object]:
    return {"attributes": {"type": "Lead"}, **fields}


def sent(org: Org, method: str, path: str, body: object) -> Any:
    return org.client.restful(path, method=method, json=body)


def test_a_collection_answers_each_record_in_order(org: Org) -> None:
    records = [record(LastName="A", Company="E"), record(LastName="B"), record(LastName="C", Company="E", OwnerId=LEFT)]
    results = sent(org, "POST", "composite/sobjects", {"records": records})
    assert [one["success"] for one in results] == [True, False, False]
    assert [one["errors"][0]["statusCode"] for one in results[1:]] == [
        "REQUIRED_FIELD_MISSING",
        "INACTIVE_OWNER_OR_USER",
    ]
    assert results[1]["errors"][0]["fields"] == ["Company"]
    changed = sent(org, "PATCH", "composite/sobjects", {"records": [record(id=results[0]["id"], Title="CEO")]})
    assert changed == [{"id": results[0]["id"], "success": True, "errors": []}]


def test_all_or_none_takes_everything_back(org: Org) -> None:
    there = org.lead(Title="CEO")
    records = [record(id=there, Title="CTO"), record(id=there, Shoe__c="x")]
    results = sent(org, "PATCH", "composite/sobjects", {"allOrNone": True, "records": records})
    assert [one["errors"][0]["statusCode"] for one in results] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert org.client.Lead.get(there)["Title"] == "CEO"
    records = [record(LastName="A", Company="E"), record(LastName="B")]
    sent(org, "POST", "composite/sobjects", {"allOrNone": True, "records": records})
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_a_collection_is_of_two_hundred_at_most(org: Org) -> None:
    many = [record(LastName=str(number), Company="E") for number in range(201)]
    problem = refused(lambda: sent(org, "POST", "composite/sobjects", {"records": many}))
    assert problem["errorCode"] == "EXCEEDED_ID_LIMIT"
    results = sent(org, "POST", "composite/sobjects", {"records": many[:200]})
    assert len({one["id"] for one in results}) == 200
    ids = ",".join(one["id"] for one in results[:3])
    read = org.client.restful(
        "composite/sobjects/Lead", {"ids": f"{ids},{shown('Lead', '9999')}", "fields": "Id,Company"}
    )
    assert [one and one["Company"] for one in read] == ["E", "E", "E", None]
    gone = org.client.restful("composite/sobjects", {"ids": ids}, method="DELETE")
    assert [one["success"] for one in gone] == [True] * 3
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 197


def test_composite_requests_build_on_one_another(org: Org) -> None:
    asked = [
        {"method": "POST", "url": f"{BASE}/sobjects/Lead", "referenceId": "lead",
         "body": {"LastName": "A", "Company": "E", "OwnerId": REP}, "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}},
        {"method": "POST", "url": f"{BASE}/sobjects/Task", "referenceId": "task",
         "body": {"WhoId": "@{lead.id}", "Subject": "Call"}},
        {"method": "GET", "url": f"{BASE}/sobjects/Lead/@{{lead.id}}?fields=OwnerId", "referenceId": "read"},
        {"method": "PATCH", "url": f"{BASE}/sobjects/Lead/@{{nobody.id}}", "referenceId": "broken", "body": {}},
        {"method": "GET", "url": f"{BASE}/query?q=SELECT+COUNT()+FROM+Task", "referenceId": "count"},
    ]  # fmt: skip
    answers = sent(org, "POST", "composite", {"compositeRequest": asked})["compositeResponse"]
    assert [one["httpStatusCode"] for one in answers] == [201, 201, 200, 400, 200]
    assert [one["referenceId"] for one in answers] == ["lead", "task", "read", "broken", "count"]
    assert answers[2]["body"]["OwnerId"] == REP
    assert answers[3]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert answers[4]["body"]["totalSize"] == 1


def test_a_request_inside_a_composite_one_needs_its_own_header(org: Org) -> None:
    body = {"LastName": "A", "Company": "E", "OwnerId": REP}
    asked = [{"method": "POST", "url": f"{BASE}/sobjects/Lead", "referenceId": "lead", "body": body}]
    [answer] = sent(org, "POST", "composite", {"compositeRequest": asked})["compositeResponse"]
    assert org.client.Lead.get(answer["body"]["id"])["OwnerId"] == ME


def test_a_composite_request_may_be_all_or_none(org: Org) -> None:
    asked = [
        {
            "method": "POST",
            "url": f"{BASE}/sobjects/Lead",
            "referenceId": "a",
            "body": {"LastName": "A", "Company": "E"},
        },
        {"method": "POST", "url": f"{BASE}/sobjects/Lead", "referenceId": "b", "body": {"LastName": "B"}},
    ]
    answers = sent(org, "POST", "composite", {"allOrNone": True, "compositeRequest": asked})["compositeResponse"]
    assert [one["body"][0]["errorCode"] for one in answers] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
    too_many = [{**asked[0], "referenceId": str(number)} for number in range(26)]
    assert (
        refused(lambda: sent(org, "POST", "composite", {"compositeRequest": too_many}))["errorCode"] == "LIMIT_EXCEEDED"
    )


def test_a_collection_inside_is_undone_with_the_rest(org: Org) -> None:
    there = org.lead(Title="CEO")
    inside = {"records": [record(LastName="A", Company="E"), record(LastName="B", Company="E")]}
    asked = [
        {"method": "PATCH", "url": f"{BASE}/sobjects/Lead/{there}", "referenceId": "a", "body": {"Title": "CTO"}},
        {"method": "POST", "url": f"{BASE}/composite/sobjects", "referenceId": "b", "body": inside},
        {"method": "POST", "url": f"{BASE}/sobjects/Lead", "referenceId": "c", "body": {"LastName": "C"}},
    ]
    sent(org, "POST", "composite", {"allOrNone": True, "compositeRequest": asked})
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 1
    assert org.client.Lead.get(there)["Title"] == "CEO"


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "composite/sobjects", {"records": [{"LastName": "A"}]}, "INVALID_FIELD"),
        ("POST", "composite/sobjects", {"records": [{"attributes": {"type": "Nonsense"}}]}, "INVALID_TYPE"),
        ("POST", "composite/sobjects", {"records": [{"attributes": "Lead"}]}, "INVALID_FIELD"),
        ("PATCH", "composite/sobjects/Lead/Title", {"records": [record(Title="x")]}, "NOT_FOUND"),
        ("PATCH", "composite/sobjects", {"records": [record(id=ME)]}, "NOT_FOUND"),
        ("PATCH", "composite/sobjects", {"records": [{"attributes": {"type": "User"}, "id": ME}]}, "INVALID_TYPE"),
        ("DELETE", f"composite/sobjects?ids={ME}", None, "INVALID_TYPE"),
        ("DELETE", f"composite/sobjects?ids={'9' * 15}", None, "NOT_FOUND"),
        ("DELETE", "composite/sobjects?ids=lead", None, "MALFORMED_ID"),
        ("POST", "composite", {"compositeRequest": [{"url": 5, "httpHeaders": [1], "body": "x"}]}, "NOT_FOUND"),
        ("POST", "composite", {"compositeRequest": [{"url": f"{BASE}/query?q=SELECT"}]}, "NOT_FOUND"),
    ],
)
def test_odd_requests_are_refused_in_words(org: Org, method: str, path: str, body: object, code: str) -> None:
    try:
        told: Any = org.client.restful(path, method=method, json=body)
    except SalesforceError as error:
        told = error.content
    assert code in str(told)
    assert org.client.query("SELECT COUNT() FROM User")["totalSize"] == 3
