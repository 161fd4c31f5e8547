"""Zoom: an endpoint that signs for anybody must not sign an event; who comes twice was there once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit import signing
from connectors.zoom import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("webinars", "zoom")
SECRET = "zoomExampleSecret01234"
STAMP = str(int(NOW.timestamp()))


def _ask(plain: object) -> str | None:
    body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": plain}}).encode()
    reply = source.challenge(Delivery("POST", {}, (), body), SETTINGS, {"secret_token": (SECRET,)})
    return None if reply is None else str(json.loads(reply.body)["encryptedToken"])


def _parse(event: str, **said: Any) -> list[TouchDraft]:
    body = {"event": event, "payload": {"object": {"id": 81000000001, "host_id": "HOST1", **said}}}
    return list(source.parse(Delivery("POST", {}, (), json.dumps(body).encode()), SETTINGS, NOW))


def test_a_plain_text_is_signed() -> None:
    assert _ask("qgg8example-token_0001") == signing.sign(SECRET, b"qgg8example-token_0001").decode()


@pytest.mark.parametrize(
    "plain", [f"v0:{STAMP}:{{}}", "v0:" + "a" * 20, "short", "x" * 65, "a b c d e f g h", "", None, 12]
)
def test_what_could_be_an_event_is_not_signed(plain: object) -> None:
    with pytest.raises(Unauthentic, match="challenge_form"):
        _ask(plain)


def test_no_answer_to_a_handshake_proves_an_event() -> None:
    answer = _ask("qgg8example-token_0001")
    headers = {"x-zm-signature": f"v0={answer}", "x-zm-request-timestamp": STAMP}
    with pytest.raises(Unauthentic, match="signature_wrong"):
        source.verify(Delivery("POST", headers, (), b"{}"), SETTINGS, {"secret_token": (SECRET,)}, NOW)


def test_an_event_that_speaks_of_validation_is_no_handshake() -> None:
    body = json.dumps({"event": "webinar.registration_created", "topic": "endpoint.url_validation"}).encode()
    for content in (body, b'{"event":"endpoint.url_validation",', b'["endpoint.url_validation"]'):
        assert source.challenge(Delivery("POST", {}, (), content), SETTINGS, {"secret_token": (SECRET,)}) is None


def test_zooms_own_secrets_are_long_enough_and_shorter_ones_are_not() -> None:
    headers = {"x-zm-signature": "v0=x", "x-zm-request-timestamp": STAMP}
    for secret, error in ((SECRET, Unauthentic), (SECRET[:-1], Misconfigured)):
        with pytest.raises(error):
            source.verify(Delivery("POST", headers, (), b"{}"), SETTINGS, {"secret_token": (secret,)}, NOW)


def test_who_leaves_and_comes_back_was_there_once_and_the_host_is_ours() -> None:
    ada = {"registrant_id": "R1", "user_id": "1", "user_name": "Ada"}
    (first,), (again,) = (
        _parse("webinar.participant_joined", participant=ada),
        _parse("webinar.participant_joined", participant={**ada, "user_id": "2"}),
    )
    assert first.key == again.key
    (registered,) = _parse("webinar.registration_created", registrant={"id": "R1", "email": "ada@example.com"})
    assert registered.words.anonymous_id == first.words.anonymous_id
    assert _parse("webinar.participant_joined", participant={**ada, "id": "HOST1"}) == []
