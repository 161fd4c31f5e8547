"""Twilio: the published vector, what the signature covers, and who was on the line."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from connectors.kit import signing
from connectors.twilio import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {"CallSid": "CA1234567890", "Direction": "inbound", "From": "+15550100200", "To": "+15550100001", "Note": ""}


def _settings(url: str = URL, people_call_out: bool = False) -> SourceSettings:
    return SourceSettings("calls", "twilio", {"url": url, "people_call_out": people_call_out})


def _signed(body: bytes, message: str) -> Delivery:
    signature = signing.sign(TOKEN, message.encode(), signing.base64_text, "sha1").decode()
    return Delivery("POST", {"x-twilio-signature": signature}, (), body)


def _verify(request: Delivery, url: str = URL, token: str = TOKEN) -> str:
    return source.verify(request, _settings(url), {"auth_token": (token,)}, NOW)


def _parse(said: dict[str, str], people_call_out: bool = False) -> list[TouchDraft]:
    settings = _settings(people_call_out=people_call_out)
    return list(source.parse(Delivery("POST", {}, (), urlencode(said).encode()), settings, NOW))


def test_the_published_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "MIN_SECRET_BYTES", 1)
    said = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    body = urlencode({**said, "Caller": "+14158675309"}).encode()
    assert _verify(Delivery("POST", headers, (), body), token="12345") == "verified"
    with pytest.raises(Unauthentic):
        _verify(Delivery("POST", headers, (), urlencode(said).encode()), token="12345")


def test_every_parameter_is_covered_the_empty_ones_too() -> None:
    body = urlencode(CALL).encode()
    message = URL + "".join(name + value for name, value in sorted(CALL.items()))
    assert _verify(_signed(body, message)) == "verified"
    for name, value in CALL.items():
        changed = urlencode({**CALL, name: value + "0"}).encode()
        dropped = urlencode({key: value for key, value in CALL.items() if key != name}).encode()
        for attack in (changed, dropped, body + b"&More=1"):
            with pytest.raises(Unauthentic):
                _verify(_signed(attack, message))


def test_a_pair_that_repeats_counts_once_and_another_value_of_it_too() -> None:
    request = _signed(b"A=2&A=1&A=2&CallSid=CA1234567890", URL + "A1A2CallSidCA1234567890")
    assert _verify(request) == "verified"


@pytest.mark.parametrize(
    ("typed", "signed"),
    [
        ("https://a.example/in/x", "https://a.example:443/in/x"),
        ("https://a.example:443/in/x", "https://a.example/in/x"),
        ("https://a.example:8443/in/x?y=1", "https://a.example/in/x?y=1"),
    ],
)
def test_the_port_may_be_left_out_or_named_and_nothing_else(typed: str, signed: str) -> None:
    assert _verify(_signed(b"A=1", f"{signed}A1"), typed) == "verified"
    for wrong in (signed + "/", signed.replace("https", "http"), signed.replace("a.example", "b.example")):
        with pytest.raises(Unauthentic):
            _verify(_signed(b"A=1", f"{wrong}A1"), typed)


def test_without_its_address_nothing_can_be_proven() -> None:
    with pytest.raises(Misconfigured, match="url"):
        _verify(_signed(b"A=1", "A1"), "")


@pytest.mark.parametrize(
    ("end", "kind", "what"),
    [
        ({"DialCallStatus": "completed", "CallStatus": "in-progress"}, "activity", "answered"),
        ({"DialCallStatus": "no-answer", "CallStatus": "completed"}, "submission", "missed_call"),
        ({"DialCallStatus": "busy", "CallStatus": "completed"}, "submission", "missed_call"),
        ({"CallStatus": "completed", "RecordingSid": "RE1"}, "submission", "voicemail"),
        ({"CallStatus": "completed"}, "behaviour", "ended"),
        ({"CallStatus": "no-answer"}, "submission", "missed_call"),
    ],
)
def test_only_a_person_who_answered_is_a_contact(end: dict[str, str], kind: str, what: str) -> None:
    (draft,) = _parse({**CALL, **end})
    assert (draft.kind, draft.key) == (kind, f"CA1234567890:{what}")


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress", "", "unheard-of"])
def test_the_steps_before_the_end_are_nothing(status: str) -> None:
    assert _parse({**CALL, "CallStatus": status}) == []


@pytest.mark.parametrize(
    "number", ["+7378742833", "+2562533", "+8656696", "+266696687", "+86282452253", "anonymous", "Restricted", "", "+1"]
)
def test_a_withheld_number_is_nobodys(number: str) -> None:
    (draft,) = _parse({**CALL, "From": number, "CallStatus": "busy"})
    assert draft.problem == "number_withheld"
    assert draft.words.value("phone") is None


def test_what_programs_send_counts_only_where_people_are_behind_them() -> None:
    call = {**CALL, "Direction": "outbound-api", "CallStatus": "completed"}
    text = {"MessageSid": "SM1234567890", "From": "+15550100001", "To": "+15550100200", "MessageStatus": "delivered"}
    assert _parse(call) == _parse(text) == []
    (made,), (sent,) = _parse(call, people_call_out=True), _parse(text, people_call_out=True)
    assert (made.event, sent.event) == ("call", "sms")
    assert made.words.value("phone") == call["To"]
    assert _parse({**text, "MessageStatus": "sent"}, people_call_out=True)[0].key == sent.key
    assert _parse({**text, "MessageStatus": "failed"}, people_call_out=True) == []
    assert _parse({**call, "CallStatus": "failed"}, people_call_out=True) == []


def test_a_recordings_address_is_not_kept() -> None:
    said = {**CALL, "CallStatus": "completed", "RecordingSid": "RE1", "RecordingUrl": "https://api.example/RE1"}
    delivery = Delivery("POST", {}, (), urlencode(said).encode())
    kept = source.keep(delivery).decode() + source.parse(delivery, _settings(), NOW)[0].model_dump_json()
    assert "api.example" not in kept


def test_twilio_is_answered_in_its_language() -> None:
    reply = source.acknowledge("stored")
    assert reply.content_type.startswith("text/xml")
    assert reply.body.endswith("<Response/>")
