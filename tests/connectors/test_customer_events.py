"""Segment and RudderStack: what a batch proves, and how events are named and known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit import signing
from connectors.rudderstack import source as rudderstack
from connectors.segment import source as segment
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("events", "segment")
KEY = "a-key-for-batches-of-good-length"
FIRST = b'{"type":"track","event":"Lead Created","userId":"u1"}'
FORGED = b'{"type":"track","event":"FORGED","userId":"u2"}'
SIGNATURE = "dc0c09fd7d7da5cf53d0af0ccd9426e3a4df20cf"
"""Of FIRST under `test-secret`, computed apart from this code."""


@pytest.fixture(autouse=True)
def _short_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "MIN_SECRET_BYTES", 1)


def _verify(body: bytes, key: str | None = None, keys: tuple[str, ...] = (KEY,)) -> str:
    headers = {"x-signature": SIGNATURE, **({"x-api-key": key} if key else {})}
    secrets = {"shared_secret": ("test-secret",), "api_key": keys}
    return segment.verify(Delivery("POST", headers, (), body), SETTINGS, secrets, NOW)


def _parse(source: Any, *events: dict[str, Any], **options: Any) -> list[TouchDraft]:
    body = json.dumps(events[0] if len(events) == 1 else events).encode()
    return list(source.parse(Delivery("POST", {}, (), body), SourceSettings("events", "any", options), NOW))


def test_one_event_is_proven_by_its_signature() -> None:
    assert _verify(FIRST) == _verify(b"[" + FIRST + b"]") == _verify(b" [ " + FIRST + b" ] ") == "verified"
    for body in (FIRST + b" ", FORGED, b"[" + FORGED + b"]", b"[]", b"[1]", b"[" * 200_000, b"[[" + FIRST + b"]]"):
        with pytest.raises(Unauthentic):
            _verify(body)


def test_the_others_of_a_batch_are_proven_by_the_key_only() -> None:
    batch = b"[" + FIRST + b"," + FORGED + b"]"
    assert _verify(batch, KEY) == "verified"
    for key in (None, KEY[:-1]):
        with pytest.raises(Unauthentic, match="token"):
            _verify(batch, key)
    with pytest.raises(Unauthentic, match="signature"):
        _verify(b"[" + FORGED + b"," + FIRST + b"]", KEY)
    with pytest.raises(Misconfigured, match="api_key"):
        _verify(batch, KEY, ())


@pytest.mark.parametrize("source", [segment, rudderstack])
@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Pricing Page Viewed", "pricing_page_viewed"),
        ("pricingPageViewed", "pricing_page_viewed"),
        ("pricing-page-viewed!", "pricing_page_viewed"),
        ("Trial: user added (2)", "trial_user_added_2"),
    ],
)
def test_events_are_named_as_the_rules_name_them(source: Any, written: str, name: str) -> None:
    assert _parse(source, {"type": "track", "messageId": "m1", "event": written})[0].event == name


def test_a_request_is_one_only_where_the_rules_say_so() -> None:
    event = {"type": "track", "messageId": "m1", "event": "Demo Requested", "properties": {"email": "ada@example.com"}}
    (plain,), (asked,) = _parse(segment, event), _parse(segment, event, submissions={"demo_requested": "demo"})
    assert (plain.kind, plain.event) == ("behaviour", "demo_requested")
    assert (asked.kind, asked.event, asked.origin.form) == ("submission", None, "demo")
    page = {"type": "page", "messageId": "m2", "name": "Demo Requested"}
    assert _parse(segment, page, submissions={"page_viewed": "demo"})[0].kind == "behaviour"


def test_a_browser_is_known_by_its_id_and_a_server_by_its_users() -> None:
    event = {"type": "track", "messageId": "m1", "event": "x"}
    both = _parse(segment, {**event, "anonymousId": "a1", "userId": "u1"})[0]
    server, nobody = _parse(segment, {**event, "userId": "u1"})[0], _parse(segment, event)[0]
    assert [one.words.anonymous_id for one in (both, server, nobody)] == ["a1", "user:u1", None]


def test_one_unreadable_event_costs_no_other_and_a_double_is_one() -> None:
    event = {"type": "track", "messageId": "m1", "event": "x"}
    drafts = _parse(rudderstack, event, {**event, "messageId": None}, event, {**event, "messageId": "m2"})
    assert [bool(draft.problem) for draft in drafts] == [False, True, False]
    with pytest.raises(Malformed):
        rudderstack.parse(Delivery("POST", {}, (), b"[1]"), SETTINGS, NOW)
