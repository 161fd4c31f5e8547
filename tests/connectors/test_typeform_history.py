"""Typeform's list as its stand-in speaks it: what it shows is what the webhook would have said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.sandbox import Fault, Sandbox
from connectors.typeform import fetch as module
from connectors.typeform import source
from connectors.typeform.fetch import TypeformResponses, fetch
from connectors.typeform.sandbox import World, serve
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Listed, Subscribed, Subscription
from leadrelay.ports.source import Delivery, SourceSettings
from tests.connectors.invariants import check_draft

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOKEN = "tfp_example_access_token"
CASE = json.loads((Path(source.__file__).parent / "cases" / "final_response.json").read_text("utf-8"))
BODY: dict[str, Any] = CASE["request"]["json"]
SAID: dict[str, Any] = BODY["form_response"]
FORM, OTHER = "frm00001", "frm00002"


@pytest.fixture
def sandbox() -> Iterator[Sandbox[World]]:
    with serve(access_token=TOKEN) as running:
        for form in (FORM, OTHER):
            running.world.add("forms", [{**SAID["definition"], "id": form}])
        yield running


def api(sandbox: Sandbox[World], *forms: str, now: datetime = NOW) -> TypeformResponses:
    return TypeformResponses(TOKEN, sandbox.url, source.Options(forms=forms or (FORM,)), lambda: now)


def response(number: int, at: datetime, form: str = FORM) -> dict[str, Any]:
    kept = {name: value for name, value in SAID.items() if name != "definition"}
    return {**kept, "form_id": form, "token": f"tok{number:06d}", "submitted_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}


def swept(found: TypeformResponses, cursor: str | None = None) -> tuple[list[TouchDraft], str]:
    drafts: list[TouchDraft] = []
    while True:
        more, cursor = found.since(cursor)
        drafts += more
        if json.loads(cursor)["end"] is None:
            return drafts, cursor


def test_the_list_says_what_the_webhook_says(sandbox: Sandbox[World]) -> None:
    sandbox.world.add("responses", [{name: value for name, value in SAID.items() if name != "definition"}])
    (listed,), _ = swept(api(sandbox))
    body = json.dumps(BODY).encode()
    (hooked,) = source.parse(Delivery("POST", {}, (), body), SourceSettings("typeform", "typeform"), NOW)
    assert listed == hooked
    check_draft(listed, NOW, {})
    assert isinstance(api(sandbox), Listed)


def test_every_response_of_every_form_is_found_in_pages(sandbox: Sandbox[World]) -> None:
    rows = [response(number, NOW - timedelta(minutes=number + 1), (FORM, OTHER)[number % 2]) for number in range(430)]
    sandbox.world.add("responses", rows)
    drafts, _ = swept(api(sandbox, FORM, OTHER))
    assert {draft.key for draft in drafts} == {row["token"] for row in rows}
    assert len(drafts) == 430
    assert {draft.origin.form for draft in drafts} == {FORM, OTHER}


def test_a_response_that_is_listed_half_an_hour_late_is_found(sandbox: Sandbox[World]) -> None:
    sandbox.world.lag = 1
    sandbox.world.add("responses", [response(1, NOW - timedelta(minutes=5))])
    drafts, cursor = swept(api(sandbox))
    sandbox.world.lag = 0
    later, _ = swept(api(sandbox, now=NOW + timedelta(minutes=25)), cursor)
    assert ([draft.key for draft in drafts], [draft.key for draft in later]) == ([], ["tok000001"])


def test_a_whole_day_is_listed_and_nothing_else(sandbox: Sandbox[World]) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    times = (timedelta(seconds=-1), timedelta(), timedelta(hours=23, minutes=59, seconds=59), timedelta(days=1))
    sandbox.world.add("responses", [response(number, day + after) for number, after in enumerate(times)])
    drafts, page = api(sandbox).between(day, day + timedelta(days=1), None)
    assert ({draft.key for draft in drafts}, page) == ({"tok000001", "tok000002"}, None)


def test_one_that_cannot_be_read_holds_up_no_other(sandbox: Sandbox[World]) -> None:
    sandbox.world.add("responses", [response(1, NOW - timedelta(minutes=1)), {
        **response(2, NOW - timedelta(minutes=2)), "answers": "none"
    }])  # fmt: skip
    drafts, _ = swept(api(sandbox))
    assert sorted(draft.problem or "" for draft in drafts) == ["", "unreadable:body.form_response.answers:not_a_list"]
    assert swept(api(sandbox))[0] == drafts


def test_a_page_goes_on_behind_rows_that_cannot_be_read(sandbox: Sandbox[World]) -> None:
    rows = [response(number, NOW - timedelta(minutes=number + 1)) for number in range(150)]
    rows[99] |= {"hidden": "x"}
    sandbox.world.add("responses", rows)
    assert len({draft.key for draft in swept(api(sandbox))[0]}) == 150


@pytest.mark.parametrize(("fault", "error"), [
    (Fault(1, 401), Misconfigured),
    (Fault(1, 403), Misconfigured),
    (Fault(1, 404), Misconfigured),
    (Fault(1, 429, {"retry-after": "77"}), Retry),
    (Fault(1, 500), Retry),
    (Fault(1, 0), Retry),
    (Fault(1, 200, body="{"), Retry),
    (Fault(1, 200, body='{"items": "none"}'), Retry),
    (Fault(1, 200, body='{"items": [' + ",".join(["{}"] * 100) + "]}"), Retry),
    (Fault(1, 400), Reject),
])  # fmt: skip
def test_what_goes_wrong_moves_no_cursor(sandbox: Sandbox[World], fault: Fault, error: type[PortError]) -> None:
    sandbox.world.add("responses", [response(number, NOW - timedelta(minutes=number + 1)) for number in range(130)])
    reading = api(sandbox)
    first, cursor = reading.since(None)
    sandbox.fail(fault)
    with pytest.raises(error) as raised:
        reading.since(cursor)
    if fault.status == 429:
        assert isinstance(raised.value, Retry)
        assert raised.value.after == 77
    assert len({draft.key for draft in [*first, *swept(reading, cursor)[0]]}) == 130


def test_the_form_itself_is_read_once(sandbox: Sandbox[World]) -> None:
    sandbox.world.add("responses", [response(number, NOW - timedelta(minutes=number + 1)) for number in range(30)])
    drafts, _ = swept(api(sandbox))
    assert sum("/responses" not in asked for asked in sandbox.requests) == 1
    assert drafts[0].origin.form_name == "Talk to us"


@pytest.mark.parametrize("options", [{"forms": ["a/b"]}, {"region": "asia"}, {"form": "x"}, {"history_days": -1}])
def test_a_wrong_option_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        fetch({"access_token": TOKEN}, None, options)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(Misconfigured, match="access_token"):
        fetch({}, None, {})
    with pytest.raises(Misconfigured, match="forms"):
        fetch({"access_token": TOKEN}, None, {}).since(None)
    assert module.REGIONS["eu"].removeprefix("https://") in module.HOSTS


def test_there_is_nothing_to_complete(sandbox: Sandbox[World]) -> None:
    touch = Touch(
        touch_id="typeform.1", kind="submission", source="typeform", vendor="typeform", trust="verified",
        received_at=NOW, occurred_at=NOW,
    )  # fmt: skip
    with pytest.raises(Reject):
        api(sandbox).complete(touch)


def test_the_webhooks_of_each_form_are_told(sandbox: Sandbox[World]) -> None:
    hook = {"form_id": FORM, "url": "https://a.example/in/typeform", "enabled": True, "verify_ssl": True}
    sandbox.world.add("webhooks", [hook, {**hook, "enabled": False, "verify_ssl": False, "url": "https://b.example"}])
    told = dict(api(sandbox, FORM, OTHER).subscriptions())
    assert told == {
        f"form {FORM}": [
            Subscription("https://a.example/in/typeform", active=True),
            Subscription("https://b.example", active=False, note="it does not look at our certificate"),
        ],
        f"form {OTHER}": [],
    }
    assert isinstance(api(sandbox), Subscribed)
