"""CallRail: the published vector, and what becomes of one call that is told several times."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.callrail import source
from connectors.kit import signing
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("calls", "callrail")
VECTOR = (Path(__file__).parent / "callrail_vector.json").read_bytes()
"""The body of CallRail's documentation (Validating payloads), byte for byte."""
KEY = "072e77e426f92738a72fe23c4d1953b4"
SIGNATURE = "UZAHbUdfm3GqL7qzilGozGzWV64="
CALL = {"resource_id": "CAL1", "direction": "inbound", "customer_phone_number": "+15550100200"}


def _parse(**said: Any) -> list[TouchDraft]:
    return list(source.parse(Delivery("POST", {}, (), json.dumps(said).encode()), SETTINGS, NOW))


def _verify(body: bytes, *keys: str) -> str:
    return source.verify(Delivery("POST", {"signature": SIGNATURE}, (), body), SETTINGS, {"signing_key": keys}, NOW)


def test_the_published_vector() -> None:
    assert _verify(VECTOR, KEY) == _verify(VECTOR, "the-key-of-another-company-000", KEY) == "verified"
    for body, key in ((VECTOR + b"\n", KEY), (VECTOR, KEY[::-1])):
        with pytest.raises(Unauthentic):
            _verify(body, key)


def test_the_published_call_is_a_message_left() -> None:
    (draft,) = source.parse(Delivery("POST", {}, (), VECTOR), SETTINGS, NOW)
    assert (draft.kind, draft.key, draft.origin.form) == ("submission", "766970532:voicemail", "voicemail")
    assert draft.origin.campaign == "Google AdWords"
    kept = source.keep(Delivery("POST", {}, (), VECTOR)).decode() + draft.model_dump_json()
    assert "access_key" not in kept


def test_a_call_is_nothing_before_its_end_and_one_touch_after() -> None:
    assert _parse(**CALL) == _parse(**CALL, answered=True) == []
    (after,), (changed,) = (
        _parse(**CALL, answered=True, duration="9"),
        _parse(**CALL, answered=True, duration=9, note="x"),
    )
    assert after.key == changed.key == "CAL1:answered"
    assert _parse(**CALL, answered=False, duration=9)[0].key == "CAL1:missed_call", "known better later: another touch"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"answered": True}, "activity"),
        ({"answered": "true"}, "activity"),
        ({"answered": False}, "submission"),
        ({"answered": True, "voicemail": True}, "submission"),
        ({"answered": True, "call_type": "voicemail_transcription"}, "submission"),
        ({"direction": "outbound", "answered": False}, "activity"),
    ],
)
def test_only_people_are_contacts(said: dict[str, Any], kind: str) -> None:
    (draft,) = _parse(**{**CALL, "duration": "12", **said})
    assert draft.kind == kind
    assert (draft.event == "call") == (kind == "activity")


@pytest.mark.parametrize("number", ["+7378742833", "266696687", "Anonymous", "", None, True])
def test_a_withheld_number_is_nobodys(number: object) -> None:
    (draft,) = _parse(**{**CALL, "answered": False, "duration": 1, "customer_phone_number": number})
    assert draft.problem == "number_withheld"
    assert draft.words.value("phone") is None


def test_a_message_is_the_other_sides_number() -> None:
    said = {"resource_id": "SCI1", "source_number": "555-010-0200", "destination_number": "555-010-0001"}
    assert _parse(**said, content="hi")[0].words.value("phone") == "555-010-0200"
    assert _parse(**said, content="hi", agent="Rita")[0].words.value("phone") == "555-010-0001"


def test_each_company_of_an_account_signs_with_its_own_key() -> None:
    keys = tuple(f"the signing key of company number {number}" for number in range(8))
    body = b'{"resource_id": "CAL1", "direction": "inbound"}'
    for key in keys:
        signature = signing.sign(key, body, signing.base64_text, "sha1").decode()
        request = Delivery("POST", {"signature": signature}, (), body)
        assert source.verify(request, SETTINGS, {"signing_key": keys}, NOW) == "verified"
        others = tuple(each for each in keys if each != key)
        with pytest.raises(Unauthentic):
            source.verify(request, SETTINGS, {"signing_key": others}, NOW)
