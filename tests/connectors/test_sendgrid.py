"""SendGrid: whose signature counts, which program is no person, and what a bounce says of whom."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.sendgrid import sample, source
from connectors.sendgrid.scanners import Click, Haste, is_program
from leadrelay.domain.touch import MACHINE, TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.sample import Person, Visit
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("sendgrid", "sendgrid")
ADA = Person("Ada", "Example", "ada@example.com", "+15550100", "CTO", "Example Ltd", "PL", "Software", 60)

# The vector that SendGrid's own libraries are tested with. The body ends with a line break.
PUBLISHED = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8e"
    "NEc6wEA3F+g=="
)
OTHER = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/"
    "R1NGe1OPzpA=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
OF_SOMETHING_ELSE = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0="
SENT = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYb'
    b'F9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76'
    b'C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)
SIGNED_AT = datetime.fromtimestamp(1600112502, UTC)


def _pem() -> tuple[str, str]:
    """A key of our own: its private half, and the public one as SendGrid shows its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode()


def _verify(*keys: str, body: bytes = SENT, signature: str = SIGNATURE, stamp: str = "1600112502") -> str:
    headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return source.verify(Delivery("POST", headers, (), body), SETTINGS, {"verification_key": keys}, SIGNED_AT)


def _parse(*events: dict[str, Any], **options: object) -> list[TouchDraft]:
    body = json.dumps(events).encode()
    return list(source.parse(Delivery("POST", {}, (), body), SourceSettings("sendgrid", "sendgrid", options), NOW))


def _event(kind: str, **more: Any) -> dict[str, Any]:
    said = {"email": "ada@example.com", "timestamp": int(NOW.timestamp()), "sg_event_id": f"{kind}-1"}
    return {**said, "event": kind, **more}


def test_the_published_vector_is_verified_and_nothing_like_it() -> None:
    assert _verify(PUBLISHED) == _verify(OTHER, PUBLISHED) == _verify(PUBLISHED, OTHER) == "verified"
    wrong: list[dict[str, Any]] = [
        {"body": SENT.rstrip()},
        {"body": b""},
        {"stamp": "1600112503"},
        {"stamp": "1600112502 "},
        {"signature": OF_SOMETHING_ELSE},
        {"signature": SIGNATURE.rstrip("=")},
        {"signature": SIGNATURE + "\n"},
        {"signature": base64.b64encode(base64.b64decode(SIGNATURE) + b"\0").decode()},
    ]
    for change in wrong:
        with pytest.raises(Unauthentic):
            _verify(PUBLISHED, **change)
    with pytest.raises(Unauthentic):
        _verify(OTHER)


def test_a_signature_has_one_spelling() -> None:
    """The last letter before the padding holds bits that nothing reads."""
    place = SIGNATURE.index("=") - 1
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = next(
        other
        for letter in letters
        if (other := f"{SIGNATURE[:place]}{letter}=") != SIGNATURE
        and base64.b64decode(other) == base64.b64decode(SIGNATURE)
    )
    with pytest.raises(Unauthentic, match="signature_form"):
        _verify(PUBLISHED, signature=twin)


def test_a_key_may_be_pasted_with_the_lines_of_its_file() -> None:
    lines = "\n".join([PUBLISHED[:64], PUBLISHED[64:]])
    assert _verify(f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n") == "verified"


def _public(key: Any) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_what_is_no_such_key_is_our_mistake_and_proves_nothing() -> None:
    of_other_kinds = (
        _public(ec.generate_private_key(ec.SECP384R1())),
        _public(rsa.generate_private_key(65537, 2048)),
        "not a key at all, but long enough",
        PUBLISHED[:-8],
    )
    for key in of_other_kinds:
        with pytest.raises(Misconfigured, match="verification_key") as caught:
            _verify(key)
        assert key not in str(caught.value)


@pytest.mark.parametrize("event", [None, "email_opened", "unsubscribed", "spam_reported", "group_unsubscribed"])
def test_a_sample_is_signed_and_says_what_it_should(event: str | None) -> None:
    private, public = _pem()
    visit = Visit("sendgrid", ADA, "spring", "k-1", event=event, utm={"campaign": "spring"})
    delivery = sample.build(visit, SETTINGS, {"trial_key": (private,)}, NOW).delivery()
    assert source.verify(delivery, SETTINGS, {"verification_key": (PUBLISHED, public)}, NOW) == "verified"
    [draft] = source.parse(delivery, SETTINGS, NOW)
    assert (draft.event, draft.origin.campaign) == (event or "email_clicked", "spring")
    assert draft.words.value("email") == ADA.email


def test_a_sample_says_what_it_cannot_say() -> None:
    private, _ = _pem()
    visit = Visit("sendgrid", ADA, "spring", "k-1", event="pricing_page_viewed")
    with pytest.raises(ValueError, match="pricing_page_viewed"):
        sample.build(visit, SETTINGS, {"trial_key": (private,)}, NOW)
    with pytest.raises(KeyError, match="trial_key"):
        sample.build(Visit("sendgrid", ADA, "spring", "k-1"), SETTINGS, {}, NOW)


def test_the_readers_network_address_is_nowhere() -> None:
    event = _event("click", ip="192.0.2.77", url="https://www.example.com/", args={"ip": "192.0.2.78"})
    [draft] = _parse(event)
    kept = source.keep(Delivery("POST", {}, (), json.dumps([event]).encode()))
    assert b"192.0.2.7" not in kept
    assert "192.0.2.77" not in draft.model_dump_json()


def test_the_fullest_delivery_is_taken() -> None:
    """They send what they have at 768 KiB; the event that fills it may be a long one."""
    assert registry.body_limit("sendgrid") >= 900 * 1024
    events = [_event("click", sg_event_id=f"event-{number}", url="https://www.example.com/") for number in range(4900)]
    assert len(_parse(*events)) == 4900


@pytest.mark.parametrize(
    ("event", "kind", "name"),
    [
        (_event("bounce", type="bounce"), "enrichment", None),
        (_event("bounce"), "enrichment", None),
        (_event("dropped", reason="Bounced Address"), "enrichment", None),
        (_event("dropped", reason="unsubscribed address"), "behaviour", "unsubscribed"),
        (_event("spamreport"), "behaviour", "spam_reported"),
    ],
)
def test_an_address_is_found_out_and_a_person_does(event: dict[str, Any], kind: str, name: str | None) -> None:
    [draft] = _parse(event)
    assert (draft.kind, draft.event) == (kind, name)
    assert (draft.words.value("email_bounced") is not None) == (kind == "enrichment")


@pytest.mark.parametrize(
    "event",
    [
        _event("bounce", type="blocked", bounce_classification="Invalid Address"),
        _event("dropped", reason="Spam Content"),
        _event("dropped"),
        _event("delivered"),
        _event("deferred", attempt="3"),
    ],
)
def test_what_says_nothing_of_a_person_is_no_touch(event: dict[str, Any]) -> None:
    assert _parse(event) == []


def test_who_unsubscribes_is_a_person_whatever_their_program_calls_itself() -> None:
    [draft] = _parse(_event("group_unsubscribe", useragent="some-bot/1.0", asm_group_id=3))
    assert draft.origin.medium != MACHINE
    assert draft.words.value("group_unsubscribe.3") == "yes"


def test_the_link_knows_better_than_the_campaign_and_that_than_a_category() -> None:
    named = {"singlesend_name": "Spring", "category": ["tag"]}
    [of_link] = _parse(_event("click", url="https://www.example.com/a?utm_campaign=link&utm_medium=nl", **named))
    [of_send] = _parse(_event("open", **named))
    [of_tag] = _parse(_event("open", category="tag"))
    assert [one.origin.campaign for one in (of_link, of_send, of_tag)] == ["link", "Spring", "tag"]
    assert (of_link.origin.medium, of_link.origin.page, of_send.origin.page) == ("nl", "www.example.com/a", None)


# -- programs


def _clicks(*at: float, mail: str = "m", same: bool = False) -> list[Click]:
    return [Click(mail, "one" if same else str(n), NOW + timedelta(seconds=s)) for n, s in enumerate(at)]


THREE = Haste(3, timedelta(seconds=2))


def test_three_links_within_two_seconds_are_a_program() -> None:
    assert THREE.machines(_clicks(0, 1, 2)) == frozenset(_clicks(0, 1, 2))
    assert THREE.machines(_clicks(0, 1)) == frozenset()
    assert THREE.machines(_clicks(0, 1, 2.1)) == frozenset()
    assert THREE.machines(_clicks(0, 1, 2, same=True)) == frozenset()
    assert THREE.machines([*_clicks(0, 1), *_clicks(2, mail="another")]) == frozenset()
    assert Haste(0, timedelta(seconds=2)).machines(_clicks(0, 0, 0)) == frozenset()


def test_the_readers_own_click_an_hour_later_counts() -> None:
    clicks = _clicks(0, 0.5, 1, 3600)
    assert THREE.machines(clicks) == frozenset(clicks[:3])


clicks_at_random = st.lists(
    st.builds(
        lambda url, at: Click("m", url, NOW + timedelta(seconds=at)), st.sampled_from("abcd"), st.integers(0, 12)
    ),
    max_size=14,
)


@given(clicks_at_random, st.integers(1, 4), st.integers(0, 4))
def test_hasty_is_who_stands_in_a_stretch_of_so_many_links(clicks: list[Click], links: int, within: int) -> None:
    def stretch(start: Click) -> list[Click]:
        return [one for one in clicks if timedelta(0) <= one.at - start.at <= timedelta(seconds=within)]

    crowded = [found for found in map(stretch, clicks) if len({one.url for one in found}) >= links]
    assert Haste(links, timedelta(seconds=within)).machines(clicks) == {one for found in crowded for one in found}


def test_five_thousand_clicks_of_one_mail_are_read() -> None:
    clicks = [Click("m", str(number % 7), NOW) for number in range(5000)]
    assert len(THREE.machines(clicks)) == 7


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ("python-requests/2.32", True),
        ("Barracuda Sentinel (EE)", True),
        ("Mozilla/5.0 (Linux; Android 13; Cubot X70) AppleWebKit/537.36", False),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", False),
        ("", False),
    ],
)
def test_a_program_that_says_so(agent: str, program: bool) -> None:
    assert is_program(agent) is program
