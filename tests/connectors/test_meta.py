"""Meta: many leads in one delivery, and the Graph API as its stand-in speaks it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.kit.http import Answer
from connectors.meta import source
from connectors.meta.fetch import GraphLeads, fetch
from connectors.meta.graph_errors import used_share
from connectors.meta.sandbox import Fault, Sandbox, serve
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Fetch
from leadrelay.ports.source import Delivery, SourceSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("meta", "meta")
SECRETS = {"access_token": "EAA-example-access-token", "app_secret": "0123456789abcdef0123456789abcdef"}
FORM = "700000000000001"
LEAD: dict[str, Any] = {
    "id": "510000000000001",
    "created_time": "2026-03-02T09:29:50+0000",
    "form_id": FORM,
    "ad_id": "23840000000000001",
    "ad_name": "Spring demo",
    "campaign_id": "23830000000000001",
    "campaign_name": "Spring",
    "is_organic": False,
    "platform": "ig",
    "field_data": [
        {"name": "email", "values": ["ada@example.com"]},
        {"name": "full_name", "values": ["Ada Example"]},
        {"name": "what_matters_to_you?", "values": ["price", "security"]},
        {"name": "phone_number", "values": []},
    ],
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve(access_token=SECRETS["access_token"], app_secret=SECRETS["app_secret"]) as running:
        yield running


@pytest.fixture
def graph(sandbox: Sandbox) -> GraphLeads:
    return _graph(sandbox, FORM)


def _graph(sandbox: Sandbox, *forms: str, now: datetime = NOW) -> GraphLeads:
    chosen = source.Options(forms=forms)
    return GraphLeads(SECRETS["access_token"], SECRETS["app_secret"], sandbox.url, chosen, lambda: now)


def _touch(fetch_id: str | None = LEAD["id"]) -> Touch:
    return Touch(
        touch_id="meta.1",
        kind="submission",
        source="meta",
        vendor="meta",
        trust="verified",
        received_at=NOW,
        occurred_at=NOW,
        fetch_id=fetch_id,
    )


@examples(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.one_of(st.integers(1, 30), st.none(), st.just("bad id")), max_size=6), max_size=5))
def test_no_item_of_a_batch_is_lost(batch: list[list[int | str | None]]) -> None:
    """Each distinct lead comes out exactly once; each item without a usable lead comes out with its reason."""
    entries = [
        {"id": str(page), "time": 1, "changes": [_change(item) for item in changes]}
        for page, changes in enumerate(batch)
    ]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    drafts = source.parse(Delivery("POST", {}, (), body), SETTINGS, NOW)
    items = [item for changes in batch for item in changes]
    good = [draft.fetch_id for draft in drafts if draft.fetch_id]
    assert sorted(good) == sorted({str(item) for item in items if isinstance(item, int)})
    assert [draft.problem for draft in drafts].count("values_not_included") == items.count(None)
    assert [draft.problem for draft in drafts].count("unreadable_lead") == items.count("bad id")


def _change(item: int | str | None) -> dict[str, Any]:
    return {"field": "leadgen"} if item is None else {"field": "leadgen", "value": {"leadgen_id": item}}


def test_more_than_a_thousand_updates_are_kept_whole_with_a_reason() -> None:
    body = json.dumps({"object": "page", "entry": [{"changes": [_change(one) for one in range(1001)]}]}).encode()
    (draft,) = source.parse(Delivery("POST", {}, (), body), SETTINGS, NOW)
    assert draft.problem == "unreadable:body.entry[0].changes:too_many"


def test_a_box_below_the_form_is_a_consent_that_was_given_or_not(sandbox: Sandbox, graph: Fetch) -> None:
    boxes = [
        {"checkbox_key": "mail", "is_checked": "1"},
        {"checkbox_key": "calls", "is_checked": ""},
        {"checkbox_key": "post", "is_checked": True},
        {"is_checked": True},
    ]
    sandbox.world.add([{**LEAD, "custom_disclaimer_responses": boxes}])
    words = graph.complete(_touch()).words
    assert [words.value(f"consent.{name}") for name in ("mail", "calls", "post", "")] == ["true", "false", "true", None]
    assert words.value("email") == "ada@example.com"


def test_a_lead_is_completed(sandbox: Sandbox, graph: Fetch) -> None:
    sandbox.world.add([LEAD])
    completed = graph.complete(_touch())
    said = {answer.key: answer.values for answer in completed.words.answers}
    assert said == {
        "email": ("ada@example.com",),
        "full_name": ("Ada Example",),
        "what_matters_to_you?": ("price", "security"),
    }
    assert completed.origin.model_dump(exclude_none=True) == {
        "form": FORM,
        "campaign": "Spring",
        "campaign_id": "23830000000000001",
        "ad": "Spring demo",
        "medium": "paid_social",
        "origin_source": "instagram",
    }
    assert not completed.test
    assert completed.words.value("consent.calls") is None
    assert sandbox.world.requests == [f"/v24.0/{LEAD['id']}"]


def test_the_version_is_configurable(sandbox: Sandbox) -> None:
    sandbox.world.add([LEAD])
    fetch(SECRETS, sandbox.url, {"graph_version": "v25.0"}).complete(_touch())
    assert sandbox.world.requests == [f"/v25.0/{LEAD['id']}"]


def test_metas_own_test_lead_is_marked(sandbox: Sandbox, graph: Fetch) -> None:
    dummy = [{"name": "full_name", "values": ["<test lead: dummy data for full_name>"]}]
    sandbox.world.add([{**LEAD, "field_data": dummy}])
    assert graph.complete(_touch()).test


@pytest.mark.parametrize("fetch_id", ["444444444444", "../me", "1?method=delete", None, "", "1" * 33])
def test_what_is_no_lead_is_refused_for_good(graph: Fetch, fetch_id: str | None) -> None:
    with pytest.raises(Reject) as caught:
        graph.complete(_touch(fetch_id))
    assert caught.value.reason == "unresolvable"


FAULTS: list[tuple[Fault, type[PortError], str]] = [
    (Fault(1, 400, 190), Misconfigured, "access_token"),
    (Fault(1, 400, 10), Misconfigured, "leads_retrieval"),
    (Fault(1, 403, 200), Misconfigured, "leads_retrieval"),
    (Fault(1, 400, 100), Misconfigured, "graph_version"),
    (Fault(1, 400, 100, 33), Reject, "unresolvable"),
    (Fault(1, 400, 803), Reject, "unresolvable"),
    (Fault(1, 400, 4), Retry, "limit 4"),
    (Fault(1, 400, 17), Retry, "limit 17"),
    (Fault(1, 400, 32), Retry, "limit 32"),
    (Fault(1, 400, 613), Retry, "limit 613"),
    (Fault(1, 400, 80005), Retry, "limit 80005"),
    (Fault(1, 400, 2), Retry, "error 2"),
    (Fault(1, 500, 190), Retry, "error 190"),
    (Fault(1, 429), Retry, "429"),
    (Fault(1, 503), Retry, "503"),
    (Fault(1, 408), Retry, "408"),
    (Fault(1, 401), Misconfigured, "401"),
    (Fault(1, 404), Reject, "http_404"),
    (Fault(1, 302, headers={"location": "http://127.0.0.1:9/"}), Reject, "http_302"),
    (Fault(1, 0), Retry, "no answer"),
]


@pytest.mark.parametrize(("fault", "error", "says"), FAULTS, ids=lambda one: str(one)[:40])
def test_each_trouble_tells_what_to_do_next(
    sandbox: Sandbox, graph: Fetch, fault: Fault, error: type[PortError], says: str
) -> None:
    sandbox.world.add([LEAD])
    sandbox.world.fail(fault)
    with pytest.raises(error, match=says) as caught:
        graph.complete(_touch())
    assert SECRETS["access_token"] not in str(caught.value)
    assert graph.complete(_touch()).words.answers, "after the fault the same call succeeds"


def test_the_vendors_own_waiting_time_is_kept(sandbox: Sandbox, graph: Fetch) -> None:
    for given_seconds, waited in (("120", 120), ("999999", 3600), ("soon", 30), ("-5", 30)):
        sandbox.world.fail(Fault(1, 429, headers={"Retry-After": given_seconds}))
        with pytest.raises(Retry) as caught:
            graph.complete(_touch())
        assert caught.value.after == waited


def test_an_unreachable_host_is_an_outage() -> None:
    with serve(access_token=SECRETS["access_token"], app_secret=SECRETS["app_secret"]) as gone:
        url = gone.url
    with pytest.raises(Retry) as caught:
        fetch(SECRETS, url, {}).complete(_touch())
    assert caught.value.scope == "outage"


def test_the_token_is_proven_and_never_in_the_address(sandbox: Sandbox) -> None:
    sandbox.world.add([LEAD])
    with pytest.raises(Misconfigured, match="access_token"):
        fetch({**SECRETS, "access_token": "stale"}, sandbox.url, {}).complete(_touch())
    with pytest.raises(Misconfigured, match="app_secret"):
        fetch({**SECRETS, "app_secret": "another"}, sandbox.url, {}).complete(_touch())
    assert not [path for path in sandbox.world.requests if SECRETS["access_token"] in path]


@pytest.mark.parametrize("missing", ["access_token", "app_secret"])
def test_a_missing_secret_is_named(missing: str) -> None:
    with pytest.raises(Misconfigured, match=missing):
        fetch({**SECRETS, missing: ""}, None, {})


@pytest.mark.parametrize("options", [{"graph_version": "latest"}, {"graph_version": "v24.0/me"}, {"form": ["1"]}])
def test_a_wrong_option_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        fetch(SECRETS, None, options)


def _made(number: int, minute: int, form: str = FORM) -> dict[str, Any]:
    return {**LEAD, "id": str(number), "form_id": form, "created_time": f"2026-03-02T09:{minute:02d}:00+0000"}


def _swept(graph: GraphLeads, cursor: str | None = None) -> tuple[list[TouchDraft], str]:
    """Calls until a sweep has come to its end."""
    found: list[TouchDraft] = []
    while True:
        drafts, cursor = graph.since(cursor)
        found += drafts
        if json.loads(cursor)["end"] is None:
            return found, cursor


def test_history_is_read_in_pages_of_every_form_from_a_cursor(sandbox: Sandbox) -> None:
    forms = (FORM, "700000000000002")
    sandbox.world.add([_made(1000 + number, number % 30, forms[number % 2]) for number in range(250)])
    drafts, cursor = _swept(_graph(sandbox, *forms))
    assert {draft.key for draft in drafts} == {str(1000 + number) for number in range(250)}
    assert len(drafts) == 250
    assert len(sandbox.world.requests) == 4, "two forms of 125 leads in pages of 100"
    assert all(draft.fetch_id is None and draft.words.answers for draft in drafts)

    sandbox.world.add([_made(2000, 45), _made(2001, 27)])
    later, _ = _swept(_graph(sandbox, *forms, now=NOW + timedelta(minutes=30)), cursor)
    assert {"2000", "2001"} <= {draft.key for draft in later}, "the second came into the list late"
    assert len(later) < 100, "only the overlap is read again"


def test_one_call_is_a_few_pages_oldest_first(sandbox: Sandbox, graph: GraphLeads) -> None:
    sandbox.world.add([_made(1000 + number, number % 30) for number in range(250)])
    drafts, cursor = graph.since(None)
    assert len(drafts) == len(sandbox.world.requests) * 100 == 100
    assert json.loads(cursor)["end"] is not None
    times = [draft.occurred_at for draft in drafts if draft.occurred_at]
    assert times == sorted(times)


def test_leads_that_come_while_it_is_read_are_of_the_next_sweep(sandbox: Sandbox, graph: GraphLeads) -> None:
    sandbox.world.add([_made(1000 + number, number % 25) for number in range(150)])
    first, cursor = graph.since(None)
    sandbox.world.add([_made(3000 + number, 40) for number in range(60)])
    rest, cursor = _swept(graph, cursor)
    assert {draft.key for draft in [*first, *rest]} == {str(1000 + number) for number in range(150)}
    later, _ = _swept(_graph(sandbox, FORM, now=NOW + timedelta(hours=1)), cursor)
    assert {str(3000 + number) for number in range(60)} <= {draft.key for draft in later}


def test_nothing_new_only_moves_the_cursor_on(graph: GraphLeads) -> None:
    drafts, cursor = graph.since(None)
    assert (drafts, json.loads(cursor)["end"]) == ([], None)


def test_a_cursor_of_the_former_release_is_read_on(sandbox: Sandbox, graph: GraphLeads) -> None:
    at = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    sandbox.world.add([_made(1, 4), _made(2, 6), _made(3, 11)])
    drafts, _ = graph.since(str(int(at.timestamp())))
    assert [draft.key for draft in drafts] == ["2", "3"]


def test_a_whole_day_is_listed_and_nothing_else(sandbox: Sandbox, graph: GraphLeads) -> None:
    times = ("01T23:59:59", "02T00:00:00", "02T23:59:59", "03T00:00:00")
    sandbox.world.add([{**LEAD, "id": str(n), "created_time": f"2026-03-{at}+0000"} for n, at in enumerate(times)])
    day = datetime(2026, 3, 2, tzinfo=UTC)
    drafts, page = graph.between(day, day + timedelta(days=1), None)
    assert ({draft.key for draft in drafts}, page) == ({"1", "2"}, None)


def test_history_leaves_the_pages_calls_to_the_leads_that_come_now(sandbox: Sandbox, graph: GraphLeads) -> None:
    sandbox.world.add([LEAD, _made(1, 1)])
    sandbox.world.used = 49
    assert graph.since(None)[0]
    sandbox.world.used = 50
    with pytest.raises(Retry) as waits:
        graph.since(None)
    assert waits.value.after >= 600
    assert graph.complete(_touch()).words.answers


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_header_of_usage_breaks_anything(header: bytes) -> None:
    used = used_share(Answer(200, {"x-app-usage": header.decode("latin-1")}, b""))
    assert 0 <= used <= 10**6


def test_the_fullest_limit_counts() -> None:
    page = {"1": [{"type": "leadgen", "call_count": 3, "total_cputime": 61, "total_time": 2}], "2": []}
    headers = {"x-business-use-case-usage": json.dumps(page), "x-app-usage": '{"call_count": 12}'}
    assert used_share(Answer(200, headers, b"")) == 61
    assert used_share(Answer(200, {}, b"")) == 0


def test_a_failure_half_way_moves_no_cursor(sandbox: Sandbox, graph: GraphLeads) -> None:
    sandbox.world.add([_made(1000 + number, number % 30) for number in range(150)])
    sandbox.world.fail(Fault(1, 503))
    with pytest.raises(Retry):
        graph.since(None)
    assert len(_swept(graph)[0]) == 150


def test_one_unreadable_lead_holds_up_no_other(sandbox: Sandbox, graph: Fetch) -> None:
    sandbox.world.add([_made(1, 1), {**_made(2, 2), "field_data": "none"}, {**_made(3, 3), "field_data": []}])
    drafts, _ = graph.since(None)
    assert {draft.key: draft.problem for draft in drafts} == {"1": None, "2": "unreadable_lead", "3": "no_answers"}


def test_the_same_lead_has_one_key_by_webhook_and_by_history(sandbox: Sandbox, graph: Fetch) -> None:
    sandbox.world.add([_made(77, 1)])
    entry = {"id": "1", "changes": [_change(77)]}
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    (hooked,) = source.parse(Delivery("POST", {}, (), body), SETTINGS, NOW)
    assert hooked.key == graph.since(None)[0][0].key


def test_the_world_is_steered_over_http(sandbox: Sandbox, graph: Fetch) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
    for path, content in (("/__world/leads", LEAD), ("/__world/faults", {"times": 1, "status": 503})):
        connection.request("POST", path, json.dumps(content))
        assert connection.getresponse().read() == b'{"ok": true}'
    with pytest.raises(Retry):
        graph.complete(_touch())
    assert graph.complete(_touch()).words.answers
    connection.request("GET", "/__world/requests")
    assert len(json.loads(connection.getresponse().read())["requests"]) == 2
    connection.close()


def test_the_apps_that_hear_of_a_pages_leads_are_told(sandbox: Sandbox, graph: GraphLeads) -> None:
    assert graph.subscriptions() == [("page me", [])]
    sandbox.world.apps = [
        {"id": "1", "subscribed_fields": ["feed", "leadgen"]},
        {"id": "2", "subscribed_fields": []},
        {},
    ]
    told = dict(
        GraphLeads(
            SECRETS["access_token"], SECRETS["app_secret"], sandbox.url, source.Options(pages=("77",))
        ).subscriptions()
    )
    assert [each.active for each in told["page 77"]] == [True, False, False]
    with pytest.raises(Misconfigured, match="pages"):
        fetch(SECRETS, None, {"pages": ["x/y"]})
