"""Standard Webhooks: the published vector, rotation, and what may not prove a sender."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.kit import signing
from connectors.standard_webhooks import source
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("servers", "standard_webhooks")
KEYS = (b"first-key-of-thirty-two-bytes-ab", b"second-key-of-thirty-two-bytes-a")
SECRETS = tuple("whsec_" + base64.b64encode(key).decode() for key in KEYS)
BODY = b'{"type":"submission","data":{"email":"ada@example.com"}}'


def _signature(key: bytes, stamp: str, given: str = "msg_1") -> str:
    return "v1," + signing.sign(key, f"{given}.{stamp}.".encode() + BODY, signing.base64_text).decode()


def _request(signature: str, stamp: str, given: str = "msg_1") -> Delivery:
    headers = {"webhook-id": given, "webhook-timestamp": stamp, "webhook-signature": signature}
    return Delivery("POST", headers, (), BODY)


def _stamp(at: datetime = NOW) -> str:
    return str(int(at.timestamp()))


def _verify(signature: str, stamp: str = _stamp(), secrets: tuple[str, ...] = SECRETS[:1]) -> str:
    return source.verify(_request(signature, stamp), SETTINGS, {"signing_secret": secrets}, NOW)


def test_the_published_vector() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    request = Delivery("POST", headers, (), b'{"test": 2432232314}')
    secrets = {"signing_secret": ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)}
    at = datetime.fromtimestamp(1614265330, UTC)
    assert source.verify(request, SETTINGS, secrets, at) == "verified"
    with pytest.raises(Unauthentic, match="signature_time"):
        source.verify(request, SETTINGS, secrets, at + timedelta(seconds=301))


def test_any_of_several_signatures_is_enough() -> None:
    wrong, right = _signature(KEYS[1], _stamp()), _signature(KEYS[0], _stamp())
    assert _verify(f"v1a,bm90IG91cnM= {wrong} {right}") == "verified"
    assert _verify(wrong, secrets=SECRETS) == "verified", "while the secret is changed both are active"
    with pytest.raises(Unauthentic, match="signature_wrong"):
        _verify(" ".join([wrong] * 8 + [right]))


@pytest.mark.parametrize("version", ["v1a,", "v2,", "V1,", "v1=", ""])
def test_another_kind_of_signature_proves_nothing(version: str) -> None:
    with pytest.raises(Unauthentic):
        _verify(_signature(KEYS[0], _stamp()).replace("v1,", version))


@pytest.mark.parametrize(
    "stamp", ["1772443800.0", "1.7724438e9", " 1772443800", "", "１７７２４４３８００", "-177244380"]
)
def test_a_time_is_ten_digits(stamp: str) -> None:
    with pytest.raises(Unauthentic, match="signature_form"):
        _verify(_signature(KEYS[0], stamp), stamp)


@pytest.mark.parametrize("given", ["", "a b", "ä", "x" * 257, "a\n"])
def test_an_id_is_printable(given: str) -> None:
    request = _request(_signature(KEYS[0], _stamp(), given), _stamp(), given)
    with pytest.raises(Unauthentic, match="signature_form"):
        source.verify(request, SETTINGS, {"signing_secret": SECRETS}, NOW)


@pytest.mark.parametrize(
    "secret", ["whsec_not base64 at all !!!!!!!!", "whsec_" + base64.b64encode(b"x" * 23).decode()]
)
def test_a_secret_that_is_none_is_our_own_fault_and_not_told(secret: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        _verify(_signature(KEYS[0], _stamp()), secrets=(secret,))
    assert secret not in str(caught.value)


def test_a_secret_without_the_prefix_is_its_own_bytes() -> None:
    plain = KEYS[0].decode()
    assert _verify(_signature(KEYS[0], _stamp()), secrets=(plain,)) == "verified"


def _parsed(body: dict[str, Any], given: str, mode: str, now: datetime = NOW) -> str:
    request = Delivery("POST", {"webhook-id": given}, (), json.dumps(body).encode())
    (draft,) = source.parse(request, SourceSettings("servers", "standard_webhooks", {"mode": mode}), now)
    return draft.key


def test_what_is_signed_is_the_identity_and_what_is_not_is_none() -> None:
    body = {"type": "submission", "id": "own-1", "data": {"email": "ada@example.com"}}
    assert _parsed(body, "msg_1", "signed") == _parsed({**body, "id": "own-2"}, "msg_1", "signed") == "msg_1"
    assert _parsed(body, "msg_1", "key") == _parsed(body, "msg_2", "key") == "id:own-1"
    nameless = {**body, "id": None}
    assert _parsed(nameless, "msg_1", "key") == _parsed(nameless, "msg_2", "key", NOW + timedelta(hours=14))
    assert _parsed(nameless, "msg_1", "key") != _parsed(nameless, "msg_1", "key", NOW + timedelta(days=1))


def _signed(private: Ed25519PrivateKey, body: bytes = BODY) -> str:
    return "v1a," + base64.b64encode(private.sign(f"msg_1.{_stamp()}.".encode() + body)).decode()


def _public(private: Ed25519PrivateKey) -> str:
    return "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()


def test_a_sender_that_keeps_its_key_to_itself_is_proven_by_the_public_one() -> None:
    old, new = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
    assert _verify(_signed(old), secrets=(_public(old),)) == "verified"
    assert _verify(f"{_signed(old)} {_signed(new)}", secrets=(_public(new),)) == "verified", "both while it is changed"
    assert _verify(_signed(old), secrets=(_public(new), _public(old))) == "verified"
    assert _verify(_signature(KEYS[0], _stamp()), secrets=(_public(old), SECRETS[0])) == "verified"
    for wrong in (_signed(new), _signed(old, BODY + b" "), _signed(old)[:-4], "v1a,", "v1a,é", "v1a," + "A" * 4000):
        with pytest.raises(Unauthentic):
            _verify(wrong, secrets=(_public(old),))


def test_what_everybody_knows_signs_nothing() -> None:
    """A public key used as the secret of the other kind would let everybody forge."""
    public = _public(Ed25519PrivateKey.from_private_bytes(b"1" * 32))
    for key in (public, public.removeprefix("whpk_"), base64.b64decode(public.removeprefix("whpk_"))):
        raw = key.encode() if isinstance(key, str) else key
        with pytest.raises(Unauthentic):
            _verify(_signature(raw, _stamp()), secrets=(public,))
    with pytest.raises(Unauthentic):
        _verify(_signed(Ed25519PrivateKey.from_private_bytes(b"1" * 32)), secrets=SECRETS[:1])


@pytest.mark.parametrize(
    "value", ["whpk_" + "A" * 40, "whpk_" + "*" * 44, "whpk_" + base64.b64encode(b"short" * 5).decode()]
)
def test_what_is_no_public_key_is_told_to_the_operator(value: str) -> None:
    with pytest.raises(Misconfigured, match="signing_secret"):
        _verify(_signed(Ed25519PrivateKey.from_private_bytes(b"1" * 32)), secrets=(value,))
