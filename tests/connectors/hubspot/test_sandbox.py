"""The sandbox speaks as HubSpot's guides say, over plain HTTP; the official client is tested elsewhere."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest
import urllib3

from connectors.hubspot.sandbox import UNCONFIRMED, serve
from leadrelay.local.crm_world import Sandbox
from tests.connectors.hubspot.conftest import TOKEN

HTTP = urllib3.PoolManager(retries=False)
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def ask(sandbox: Sandbox, method: str, path: str, body: object = None, headers: dict[str, str] = AUTH) -> Any:
    return HTTP.request(method, sandbox.url + path, json=body, headers={"Content-Type": "application/json", **headers})


def made(sandbox: Sandbox, **properties: str) -> str:
    answer = ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": properties})
    assert answer.status == 201, answer.data
    return str(answer.json()["id"])


def test_the_token_is_asked_for(sandbox: Sandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        answer = ask(sandbox, "GET", "/crm/v3/objects/contacts", headers=headers)
        assert (answer.status, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_every_answer_carries_rate_headers_and_every_error_a_correlation_id(sandbox: Sandbox) -> None:
    good, bad = ask(sandbox, "GET", "/crm/v3/owners/"), ask(sandbox, "GET", "/crm/v3/objects/contacts/999")
    assert good.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert int(bad.headers["X-HubSpot-RateLimit-Remaining"]) == int(good.headers["X-HubSpot-RateLimit-Remaining"]) - 1
    assert (bad.status, bad.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    assert len(bad.json()["correlationId"]) == 36


def test_a_taken_address_names_its_holder_in_the_message_only(sandbox: Sandbox) -> None:
    holder = made(sandbox, email="Ann@Example.com")
    answer = ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": {"email": "ann@example.com"}})
    assert answer.status == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {holder}"
    assert holder not in {str(value) for name, value in answer.json().items() if name != "message"}


BAD_VALUES = [
    ("shoe_size", "44", "PROPERTY_DOESNT_EXIST"),
    ("email", "nobody", "INVALID_EMAIL"),
    ("lifecyclestage", "partner", "INVALID_OPTION"),
    ("hubspot_owner_id", "8", "INVALID_OWNER_ID"),
]


@pytest.mark.parametrize(("name", "value", "code"), BAD_VALUES)
def test_a_bad_value_is_refused_with_its_property(sandbox: Sandbox, name: str, value: str, code: str) -> None:
    answer = ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": {name: value}})
    assert answer.status == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["context"]["propertyName"]) == (code, [name])
    assert answer.json()["message"].startswith("Property values were not valid: [{")


def test_values_are_strings(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": {"firstname": 5}}).status == 400


def inputs(*items: tuple[str, str], traces: bool = True) -> dict[str, Any]:
    made = [{"properties": {"email": email, "lifecyclestage": stage}} for email, stage in items]
    return {"inputs": [{**one, **({"objectWriteTraceId": str(n)} if traces else {})} for n, one in enumerate(made)]}


@pytest.mark.parametrize(("path", "status"), [("v3/objects", 207), ("objects/2026-09", 200)])
def test_a_batch_may_fail_in_part_when_every_input_is_traced(sandbox: Sandbox, path: str, status: int) -> None:
    body = inputs(("a@example.com", "lead"), ("b@example.com", "bad"), ("a@example.com", "lead"))
    answer = ask(sandbox, "POST", f"/crm/{path}/contacts/batch/create", body)
    assert (answer.status, answer.json()["numErrors"], len(answer.json()["results"])) == (status, 2, 1)
    assert [error["context"]["objectWriteTraceId"] for error in answer.json()["errors"]] == [["1"], ["2"]]
    assert [error["category"] for error in answer.json()["errors"]] == ["VALIDATION_ERROR", "CONFLICT"]


def test_an_untraced_batch_is_refused_as_a_whole(sandbox: Sandbox) -> None:
    body = inputs(("a@example.com", "lead"), ("b@example.com", "bad"), traces=False)
    assert ask(sandbox, "POST", "/crm/v3/objects/contacts/batch/create", body).status == 400
    assert sandbox.world.all("contacts") == []


def test_a_batch_has_its_limits(sandbox: Sandbox) -> None:
    path = "/crm/v3/objects/contacts/batch/read"
    for bad in ({"inputs": [{"id": str(n)} for n in range(101)]}, {"inputs": [{"id": "1"}, {"id": "1"}]}, {}):
        assert ask(sandbox, "POST", path, bad).status == 400


def test_an_upsert_by_address_is_refused_and_by_a_plain_property_too(sandbox: Sandbox) -> None:
    made(sandbox, email="a@example.com")
    for name in ("email", "firstname", ""):
        one = {"id": "a@example.com", "idProperty": name, "properties": {"firstname": "A"}}
        assert ask(sandbox, "POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [one]}).status == 400


def test_a_stage_written_backwards_stays_until_it_is_cleared(sandbox: Sandbox) -> None:
    path = "/crm/v3/objects/contacts/" + made(sandbox, email="a@example.com", lifecyclestage="opportunity")

    def stage(value: str) -> str | None:
        answer = ask(sandbox, "PATCH", path, {"properties": {"lifecyclestage": value}})
        assert answer.status == 200
        shown: str | None = ask(sandbox, "GET", path + "?properties=lifecyclestage").json()["properties"][
            "lifecyclestage"
        ]
        return shown

    assert [stage("lead"), stage("customer"), stage(""), stage("lead")] == ["opportunity", "customer", None, "lead"]
    ask(sandbox, "POST", "/__world/settings", {"stage_rule": "accept"})
    assert stage("subscriber") == "subscriber"


def test_merged_contacts_answer_to_both_ids_and_addresses(sandbox: Sandbox) -> None:
    one, other = made(sandbox, email="one@example.com"), made(sandbox, email="other@example.com")
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    assert ask(sandbox, "POST", "/crm/v3/objects/contacts/merge", body).json()["id"] == one
    found = ask(sandbox, "GET", f"/crm/v3/objects/contacts/{other}").json()
    assert (found["id"], found["properties"]["hs_merged_object_ids"]) == (one, other)
    by_address = {"idProperty": "email", "inputs": [{"id": "other@example.com"}], "properties": []}
    read = ask(sandbox, "POST", "/crm/v3/objects/contacts/batch/read", by_address).json()
    assert [item["id"] for item in read["results"]] == [one]


def test_properties_may_be_listed_or_repeated(sandbox: Sandbox) -> None:
    contact = made(sandbox, email="a@example.com", jobtitle="CTO", company="Elm")
    for query in ("properties=jobtitle,company", "properties=jobtitle&properties=company"):
        for path in (f"/{contact}?{query}", f"?limit=5&{query}"):
            answer = ask(sandbox, "GET", f"/crm/v3/objects/contacts{path}").json()
            [shown] = answer.get("results", [answer])
            assert (shown["properties"]["jobtitle"], shown["properties"]["company"]) == ("CTO", "Elm")


def test_a_task_needs_a_time_and_the_right_association(sandbox: Sandbox) -> None:
    contact = made(sandbox, email="a@example.com")
    time = {"hs_timestamp": "2026-03-02T09:30:00.000Z"}

    def task(properties: dict[str, str], to: str, type_id: int) -> int:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {"properties": properties, "associations": [{"to": {"id": to}, "types": types}]}
        return int(ask(sandbox, "POST", "/crm/v3/objects/tasks", body).status)

    assert [task({}, contact, 204), task(time, contact, 202), task(time, "999", 204)] == [400, 400, 404]
    assert sandbox.world.all("tasks") == []
    assert task(time, contact, 204) == 201


def test_the_ten_second_limit_counts_and_lets_go(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("connectors.hubspot.sandbox.dialect.time.monotonic", lambda: clock[0])
    ask(sandbox, "POST", "/__world/settings", {"limit_per_10s": 3})
    answers = [ask(sandbox, "GET", "/crm/v3/owners/") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[2].headers["X-HubSpot-RateLimit-Remaining"] == "0"
    clock[0] += 10.1
    assert ask(sandbox, "GET", "/crm/v3/owners/").status == 200


def test_a_missing_scope_is_named(sandbox: Sandbox) -> None:
    ask(sandbox, "POST", "/__world/settings", {"missing_scopes": ["crm.objects.contacts.write"]})
    answer = ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": {}})
    assert (answer.status, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]
    assert ask(sandbox, "GET", "/crm/v3/objects/contacts").status == 200


@pytest.mark.parametrize(
    "path", ["/crm/v5/objects/contacts", "/crm/v3/objects/boats", "/x", "/crm/v3/objects/contacts/1/2"]
)
def test_what_is_not_there_is_404(sandbox: Sandbox, path: str) -> None:
    assert ask(sandbox, "GET", path).status == 404


def test_broken_json_is_refused(sandbox: Sandbox) -> None:
    answer = HTTP.request("POST", sandbox.url + "/crm/v3/objects/contacts", body=b"{", headers=AUTH)
    assert answer.status == 400


# -- control


def test_the_control_endpoint_adds_owners_and_shows_the_state(sandbox: Sandbox) -> None:
    owners = ask(sandbox, "POST", "/__world/owners", [{"email": "new@example.test", "first_name": "New"}]).json()
    assert [owner["email"] for owner in owners][-1] == "new@example.test"
    contact = made(sandbox, email="a@example.com")
    state = ask(sandbox, "GET", "/__world/state").json()
    assert [record["id"] for record in state["records"]["contacts"]] == [contact]
    journal = ask(sandbox, "GET", "/__world/journal").json()
    assert journal == [{"method": "POST", "path": "/crm/v3/objects/contacts", "status": 201, "fault": ""}]
    ask(sandbox, "POST", "/__world/reset", {})
    assert ask(sandbox, "GET", "/__world/state").json()["records"] == {}
    assert made(sandbox, email="a@example.com") != contact


def test_the_control_endpoint_makes_requests_fail(sandbox: Sandbox) -> None:
    order = {"kind": "500_after_commit", "times": 1, "match": "POST .*contacts$"}
    assert ask(sandbox, "POST", "/__world/faults", order).json() == {"faults_left": 1}
    assert ask(sandbox, "POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@example.com"}}).status == 500
    assert len(sandbox.world.all("contacts")) == 1
    assert sandbox.world.journal()[-1].fault == "500_after_commit"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "418"}), ("faults", {}), ("faults", []), ("settings", {"colour": "red"}),
        ("settings", {"stage_rule": "maybe"}), ("owners", [{}]), ("nothing", {}),
    ],
)  # fmt: skip
def test_a_bad_order_is_refused_with_words(sandbox: Sandbox, path: str, body: object) -> None:
    answer = ask(sandbox, "POST", f"/__world/{path}", body)
    assert answer.status in {400, 404}
    assert answer.json()["error"]


def test_a_web_page_cannot_give_orders(sandbox: Sandbox) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = ask(sandbox, "POST", "/__world/reset", {}, {"Content-Type": kind})
        assert answer.status == 415


# -- as a process


def test_it_runs_as_a_process_says_where_and_stops_when_told() -> None:
    arguments = ["--token", TOKEN, "--owner", "rep@example.test=Rep One"]
    command = [sys.executable, "-m", "connectors.hubspot.sandbox", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            url = line.removeprefix("HubSpot sandbox: ").strip()
            owners = HTTP.request("GET", url + "/crm/v3/owners/", headers=AUTH).json()["results"]
            assert [(owner["email"], owner["firstName"], owner["lastName"]) for owner in owners] == [
                ("rep@example.test", "Rep", "One")
            ]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def test_a_taken_port_is_said_in_words(sandbox: Sandbox) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "connectors.hubspot.sandbox", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_two_sandboxes_live_side_by_side() -> None:
    with serve(token="a") as one, serve(token="b") as other:
        made_there = HTTP.request(
            "POST", one.url + "/crm/v3/objects/contacts", json={"properties": {}}, headers={"Authorization": "Bearer a"}
        )
        assert made_there.status == 201
        assert other.world.all("contacts") == []


def test_what_no_live_account_has_confirmed_is_said() -> None:
    assert len(UNCONFIRMED) >= 6
