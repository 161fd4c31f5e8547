"""The sandbox's search, associations, lists, pipelines, workflows and hands, over plain HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3

from connectors.hubspot.sandbox.hands import Hands
from leadrelay.local.crm_world import Owner
from leadrelay.local.crm_world.hooks import Manners, Post, checked
from leadrelay.local.crm_world.page import hands_of
from tests.connectors.hubspot.hubspot_now import AT, CONTACT, TOKEN, Room, room

HTTP = urllib3.PoolManager(retries=False)
VERSIONS = ("v3", "2026-09")


@pytest.fixture
def now() -> Iterator[Room]:
    with room() as made:
        yield made


def ask(now: Room, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    return HTTP.request(method, now.sandbox.url + path, json=body, headers=headers)


def search(now: Room, kind: str = CONTACT, version: str = "v3/objects", **body: Any) -> Any:
    return ask(now, "POST", f"/crm/{version}/{kind}/search", body)


def found(answer: Any) -> list[str]:
    assert answer.status == 200, answer.data
    return [str(item["id"]) for item in answer.json()["results"]]


def where(name: str, operator: str, value: object = None) -> dict[str, object]:
    given: dict[str, object] = {"values": value} if isinstance(value, list) else {"value": value}
    return {"filters": [{"propertyName": name, "operator": operator, **given}]}


# -- search


def test_filters_find_what_they_say(now: Room) -> None:
    ann = now.enter(CONTACT, email="ann@example.com", firstname="Ann", leadrelay_key="1")
    now.wait(60)
    bob = now.enter(CONTACT, email="bob@example.com", firstname="Bob")
    late = str(round(AT.timestamp() * 1000) + 60_000)
    expected = [
        (where("email", "EQ", "ann@example.com"), {ann.id}),
        (where("email", "NEQ", "ann@example.com"), {bob.id}),
        (where("email", "IN", ["ann@example.com", "x"]), {ann.id}),
        (where("email", "NOT_IN", ["ann@example.com"]), {bob.id}),
        (where("leadrelay_key", "HAS_PROPERTY"), {ann.id}),
        (where("leadrelay_key", "NOT_HAS_PROPERTY"), {bob.id}),
        (where("lastmodifieddate", "GTE", late), {bob.id}),
        (where("lastmodifieddate", "GT", late), set()),
        (where("lastmodifieddate", "LT", late), {ann.id}),
        (where("createdate", "LTE", late), {ann.id, bob.id}),
        (where("hs_object_id", "GT", ann.id), {bob.id}),
    ]
    for group, ids in expected:
        assert set(found(search(now, filterGroups=[group]))) == ids, group
    either = [where("firstname", "EQ", "Ann"), where("firstname", "EQ", "Bob")]
    assert len(found(search(now, filterGroups=either))) == 2
    both = [{"filters": [one["filters"][0] for one in either]}]  # type: ignore[index]
    assert found(search(now, filterGroups=both)) == []


def test_a_search_is_paged_and_sorted(now: Room) -> None:
    ids = [now.enter(CONTACT, email=f"p{number}@example.com").id for number in range(5)]
    by_id = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    first = search(now, sorts=by_id, limit=2)
    assert (found(first), first.json()["total"], first.json()["paging"]["next"]["after"]) == (ids[:2], 5, "2")
    assert found(search(now, sorts=by_id, limit=2, after="4")) == ids[4:]
    assert found(search(now, sorts=[{**by_id[0], "direction": "DESCENDING"}], limit=200)) == ids[::-1]
    assert "X-HubSpot-RateLimit-Remaining" not in first.headers


BAD_SEARCHES: list[dict[str, Any]] = [
    {"limit": 201}, {"limit": 200, "after": "9900"}, {"sorts": ["email", "firstname"]},
    {"filterGroups": [where("shoe_size", "EQ", "44")]}, {"filterGroups": [where("email", "LIKE", "a")]},
    {"filterGroups": [where("email", "EQ", "a")] * 6},
    {"filterGroups": [{"filters": where("email", "EQ", "a")["filters"] * 7}]},  # type: ignore[operator]
    {"filterGroups": [{"filters": where("email", "EQ", "a")["filters"] * 5}] * 4},  # type: ignore[operator]
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_SEARCHES)
def test_a_search_has_its_limits(now: Room, body: dict[str, Any]) -> None:
    assert search(now, **body).status == 400


def test_the_index_lags_by_the_worlds_own_clock(now: Room) -> None:
    ask(now, "POST", "/__world/settings", {"search_lag": 30})
    ann = now.enter(CONTACT, email="ann@example.com")
    shown = []
    for _ in range(3):
        shown.append(found(search(now)))
        now.wait(15)
    assert shown == [[], [], [ann.id]]
    now.edit(CONTACT, ann.id, phone="1")
    assert found(search(now)) == []
    assert ask(now, "GET", f"/crm/v3/objects/contacts/{ann.id}").status == 200, "the record itself never lags"


def test_a_ragged_index_overtakes_itself(now: Room) -> None:
    ask(now, "POST", "/__world/settings", {"search_lag": 60, "search_ragged": True})
    ids = []
    for number in range(20):
        ids.append(now.enter(CONTACT, firstname=str(number)).id)
        now.wait(1)
    seen = [one for one in ids if one in found(search(now, limit=100))]
    assert 0 < len(seen) < 20
    assert seen != ids[: len(seen)]
    now.wait(60)
    assert len(found(search(now, limit=100))) == 20


# -- associations and lists


@pytest.mark.parametrize("path", ["/crm/v4/associations", "/crm/associations/2026-09"])
def test_associations_are_read_in_batches(now: Room, path: str) -> None:
    ann = now.enter(CONTACT, email="ann@example.com")
    call, other = now.enter("calls", (CONTACT, ann.id)), now.enter("calls")
    body = {"inputs": [{"id": call.id}, {"id": other.id}]}
    answer = ask(now, "POST", f"{path}/calls/contacts/batch/read", body)
    (result,) = answer.json()["results"]
    assert (answer.status, result["from"]["id"], answer.json()["numErrors"]) == (207, call.id, 1)
    assert result["to"] == [
        {
            "toObjectId": int(ann.id),
            "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}],
        }
    ]
    too_many = {"inputs": [{"id": str(number)} for number in range(1001)]}
    assert ask(now, "POST", f"{path}/calls/contacts/batch/read", too_many).status == 400


def test_records_are_connected_one_by_one(now: Room) -> None:
    ann, company = now.enter(CONTACT, email="ann@example.com"), now.enter("companies", name="Example Ltd")
    path = f"/crm/v4/objects/contacts/{ann.id}/associations"
    assert ask(now, "PUT", f"{path}/default/companies/{company.id}").status == 200
    assert now.world.linked((CONTACT, ann.id), "companies") == [company.id]
    assert ask(now, "PUT", f"{path}/default/companies/999").status == 404
    assert ask(now, "PUT", f"{path}/default/boats/1").status == 404


@pytest.mark.parametrize("path", ["/crm/v3/lists", "/crm/lists/v3", "/crm/lists/2026-09"])
def test_contacts_are_put_on_lists_and_taken_off(now: Room, path: str) -> None:
    ann, bob = now.enter(CONTACT, email="ann@example.com"), now.enter(CONTACT, email="bob@example.com")
    hot = now.enter("lists", name="Hot")
    members = f"{path}/{hot.id}/memberships"
    first = ask(now, "PUT", f"{members}/add", [ann.id, "999"]).json()
    assert first == {"recordsIdsAdded": [ann.id], "recordIdsRemoved": [], "recordIdsMissing": ["999"]}
    again = ask(now, "PUT", f"{members}/add", [ann.id, bob.id]).json()
    assert again["recordsIdsAdded"] == [bob.id]
    assert now.world.linked(("lists", hot.id), CONTACT) == [ann.id, bob.id]
    off = ask(now, "PUT", f"{members}/remove", [ann.id]).json()
    assert off == {"recordsIdsAdded": [], "recordIdsRemoved": [ann.id], "recordIdsMissing": []}
    assert now.world.linked(("lists", hot.id), CONTACT) == [bob.id]
    assert ask(now, "PUT", f"{path}/999/memberships/add", [ann.id]).status == 404
    assert ask(now, "PUT", f"{members}/add", {"id": ann.id}).status == 400


def test_contacts_are_listed_behind_the_last_one_seen(now: Room) -> None:
    ids = [now.enter(CONTACT, email=f"p{number}@example.com").id for number in range(5)]
    page = ask(now, "GET", "/crm/v3/objects/contacts?limit=2").json()
    now.world.delete(CONTACT, ids[0])
    following = ask(now, "GET", f"/crm/v3/objects/contacts?limit=9&after={page['paging']['next']['after']}").json()
    assert [item["id"] for item in (*page["results"], *following["results"])] == ids
    assert "paging" not in following


@pytest.mark.parametrize(("path", "status"), [("v3/objects", 207), ("objects/2026-09", 200)])
def test_notes_are_made_in_batches_each_on_its_contact(now: Room, path: str, status: int) -> None:
    ann = now.enter(CONTACT, email="ann@example.com")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]

    def note(trace: str, to: str, **more: str) -> dict[str, Any]:
        properties = {"hs_note_body": trace, "hs_timestamp": "2026-03-02T09:30:00.000Z", **more}
        return {
            "properties": properties,
            "associations": [{"to": {"id": to}, "types": types}],
            "objectWriteTraceId": trace,
        }

    body = {"inputs": [note("a", ann.id), note("b", "999"), note("c", ann.id, hs_timestamp="soon")]}
    answer = ask(now, "POST", f"/crm/{path}/notes/batch/create", body)
    assert (answer.status, len(answer.json()["results"])) == (status, 1)
    traces = {error["context"]["objectWriteTraceId"][0]: error["category"] for error in answer.json()["errors"]}
    assert traces == {"b": "OBJECT_NOT_FOUND", "c": "VALIDATION_ERROR"}
    assert len(now.world.linked((CONTACT, ann.id), "notes")) == 1


# -- the account


@pytest.mark.parametrize("path", ["/crm/v3/pipelines/deals", "/crm/pipelines/2026-09/deals"])
def test_pipelines_say_which_stages_are_the_end(now: Room, path: str) -> None:
    stages = {
        stage["id"]: (stage["metadata"]["isClosed"], float(stage["metadata"]["probability"]))
        for pipeline in ask(now, "GET", path).json()["results"]
        for stage in pipeline["stages"]
    }
    assert (stages["closedwon"], stages["closedlost"]) == (("true", 1.0), ("true", 0.0))
    assert stages["qualifiedtobuy"][0] == "false"


@pytest.mark.parametrize(
    "path", ["/automation/v4/flows", "/automation/2026-09-beta/flows", "/automation/flows/2026-09-beta"]
)
def test_workflows_are_those_that_were_set(now: Room, path: str) -> None:
    assert ask(now, "GET", path).json()["results"] == []
    ask(now, "POST", "/__world/settings", {"flows": [{"name": "Rotate owners"}]})
    (flow,) = ask(now, "GET", path).json()["results"]
    assert (flow["name"], flow["id"], flow["isEnabled"]) == ("Rotate owners", "1", True)
    assert "actions" not in flow


@pytest.mark.parametrize("path", ["/automation/v4/flows", "/automation/2026-09-beta/flows"])
def test_the_actions_of_workflows_are_read_in_a_batch(now: Room, path: str) -> None:
    given = [{"name": "Rotate owners", "actions": [{"type": "SINGLE_CONNECTION"}]}, {"name": "Nurture"}]
    ask(now, "POST", "/__world/settings", {"flows": given})
    inputs = [{"flowId": one, "type": "FLOW_ID"} for one in ("1", "9")]
    (flow,) = ask(now, "POST", f"{path}/batch/read", {"inputs": inputs}).json()["results"]
    assert (flow["id"], flow["actions"]) == ("1", [{"type": "SINGLE_CONNECTION"}])
    assert ask(now, "POST", f"{path}/batch/read", {"inputs": ["1"]}).status == 400
    ask(now, "POST", "/__world/settings", {"missing_scopes": ["automation"]})
    assert ask(now, "POST", f"{path}/batch/read", {"inputs": inputs}).status == 403


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-09/details"])
def test_the_account_has_a_currency(now: Room, path: str) -> None:
    ask(now, "POST", "/__world/settings", {"currency": "PLN"})
    assert ask(now, "GET", path).json()["companyCurrency"] == "PLN"


@pytest.mark.parametrize(
    ("kind", "scope"), [("deals", "crm.objects.deals.read"), ("calls", "crm.objects.contacts.read")]
)
def test_each_kind_has_its_scope(now: Room, kind: str, scope: str) -> None:
    ask(now, "POST", "/__world/settings", {"missing_scopes": [scope]})
    assert (search(now, kind).status, search(now, "companies").status) == (403, 200)


# -- hands


def test_a_person_does_what_programs_may_not(now: Room) -> None:
    ann = now.enter(CONTACT, email="ann@example.com", lifecyclestage="customer")
    order = {"action": "update", "kind": CONTACT, "id": ann.id, "values": {"lifecyclestage": "lead"}}
    assert ask(now, "POST", "/__world/edit", order).json()["values"]["lifecyclestage"] == "lead"
    call = {"action": "create", "kind": "calls", "values": {"hs_call_title": "x"}, "links": [[CONTACT, ann.id]]}
    made = ask(now, "POST", "/__world/edit", call).json()
    assert now.world.linked((CONTACT, ann.id), "calls") == [made["id"]]
    for bad in ({**order, "id": "999"}, {**order, "action": "bend"}, {**order, "action": "delete", "id": "999"}, {}):
        assert ask(now, "POST", "/__world/edit", bad).status == 400
    assert ask(now, "POST", "/__world/edit", {**order, "action": "forget"}).json() == {}
    assert now.world.all(CONTACT) == []


def test_who_made_a_record_is_told(now: Room) -> None:
    by_hand = now.enter(CONTACT, email="ann@example.com").id
    by_token = ask(now, "POST", "/crm/v3/objects/contacts", {"properties": {"email": "b@example.com"}}).json()["id"]
    shown = search(now, properties=["hs_object_source"]).json()["results"]
    assert {one["id"]: one["properties"]["hs_object_source"] for one in shown} == {
        by_hand: "CRM_UI",
        by_token: "INTEGRATION",
    }


# -- the post


@pytest.mark.parametrize(
    "url", ["http://crm.example.com:80/x", "https://127.0.0.1:1/x", "http://127.0.0.1/x", "x", "http://10.0.0.1:1/"]
)
def test_webhooks_stay_on_this_machine(now: Room, url: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        checked(url)
    order = {"hooks": {"url": url, "secret": "s", "app_id": "1"}}
    assert ask(now, "POST", "/__world/settings", order).status == 400


@pytest.mark.parametrize("wrong", [{"app_id": "mine"}, {"batches": 5}, {"url": 5}])
def test_impossible_webhooks_are_refused_and_change_nothing(now: Room, wrong: dict[str, object]) -> None:
    order = {"hooks": {"url": "http://127.0.0.1:9/x", "secret": "hush", "app_id": "1", **wrong}}
    assert ask(now, "POST", "/__world/settings", order).status == 400
    assert ask(now, "GET", "/__world/settings").json()["hooks"] == {}
    now.enter(CONTACT, email="ann@example.com")


def test_a_request_may_ask_for_its_own_trouble(now: Room) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Sandbox-Fault": "429_day"}
    answer = HTTP.request("GET", now.sandbox.url + "/crm/v3/owners/", headers=headers)
    assert (answer.status, answer.json()["policyName"]) == (429, "DAILY")
    assert ask(now, "GET", "/crm/v3/owners/").status == 200


def test_the_secret_of_webhooks_is_not_shown(now: Room) -> None:
    order = {"hooks": {"url": "http://127.0.0.1:9/x", "secret": "hush", "app_id": "1"}}
    assert b"hush" not in ask(now, "POST", "/__world/settings", order).data
    assert b"hush" not in ask(now, "GET", "/__world/settings").data


def test_what_nobody_takes_is_given_up_after_its_attempts() -> None:
    tried: list[int] = []

    def dressed(events: Any) -> tuple[bytes, dict[str, str]]:
        tried.append(events[0]["attemptNumber"])
        return b"[]", {}

    post = Post("http://127.0.0.1:9/", dressed, Manners(retry_seconds=0.001, attempts=4))
    post.take([{"eventId": 1}])
    assert post.idle(20)
    assert tried == [0, 1, 2, 3]


def test_a_reps_hands_on_the_page(now: Room) -> None:
    hands = Hands(now.world)
    now.world.put_owner(Owner("7", "rep@example.test", "Rep", "One"))
    now.world.put_owner(Owner("8", "gone@example.test", "Rep", "Two", active=False))
    ann = now.enter(CONTACT, email="ann@example.com")
    assert isinstance(hands_of(now.sandbox.dialect), Hands)
    assert hands.owners() == [("7", "Rep One")]
    assert hands.give(ann.id, "7").values["hubspot_owner_id"] == "7"
    assert hands.set_status(ann.id, "CONNECTED").values["hs_lead_status"] == "CONNECTED"
    call = hands.log_call(ann.id, "No answer")
    assert (call.values["hubspot_owner_id"], call.made_by) == ("7", "hand")
    deal = hands.open_deal(ann.id, "Example", "1200.50")
    assert hands.close_deal(deal.id, won=False, reason="price").values["closed_lost_reason"] == "price"
    assert "closed_lost_reason" not in hands.close_deal(deal.id, won=True, reason="price").values
    impossible: tuple[Callable[[], object], ...] = (
        lambda: hands.give(ann.id, "999"),
        lambda: hands.give("999", "7"),
        lambda: hands.set_status(ann.id, "HAPPY"),
        lambda: hands.set_status("999", "NEW"),
        lambda: hands.log_call("999", ""),
        lambda: hands.open_deal("999", "x"),
    )
    for wrong in impossible:
        with pytest.raises(KeyError):
            wrong()
