"""Proof that a delivery comes from who shares a secret with us.

Our own few lines instead of the vendors' libraries: those were found to accept times far in the future or to raise
errors of their own for a malformed header, which an attacker turns into 500s. Here time is an argument, only bytes are
compared, in constant time, and the one error is Unauthentic. Secrets may have several active values (rotation).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import SecretValues, Unauthentic

MIN_SECRET_BYTES = 24
MAX_SIGNATURES = 5
TOLERANCE = timedelta(seconds=300)
_UNIX = re.compile(r"[0-9]{10}")

Encode = Callable[[bytes], bytes]
Algorithm = Literal["sha256", "sha1"]
"""SHA-1 is broken for signatures of documents, not inside an HMAC; some senders know no other."""


def hexadecimal(digest: bytes) -> bytes:
    """Lower-case hex."""
    return digest.hex().encode("ascii")


def base64_text(digest: bytes) -> bytes:
    """Standard base64 with padding."""
    return base64.b64encode(digest)


def usable(secrets: SecretValues, name: str, at_least: int | None = None) -> tuple[str, ...]:
    """The active values of a secret. Raises Misconfigured when there are none or one is shorter than 24 bytes, or than
    `at_least` where the sender makes the secret and makes it shorter."""
    shortest = MIN_SECRET_BYTES if at_least is None else at_least
    values = secrets.get(name, ())
    if not values:
        raise Misconfigured(f"the secret {name!r} has no value; store one of at least {shortest} bytes")
    if any(len(value.encode()) < shortest for value in values):
        raise Misconfigured(f"a value of the secret {name!r} is shorter than {shortest} bytes; replace it")
    return values


def sign(secret: str | bytes, message: bytes, encode: Encode = hexadecimal, algorithm: Algorithm = "sha256") -> bytes:
    """HMAC of the message, encoded."""
    key = secret.encode() if isinstance(secret, str) else secret
    return encode(hmac.digest(key, message, algorithm))


def check_body(
    values: Sequence[str],
    message: bytes,
    header: str,
    prefix: str,
    encode: Encode,
    algorithm: Algorithm = "sha256",
) -> None:
    """Refuse unless `header` is `prefix` and the message's signature under one of the secrets. Raises Unauthentic."""
    if not header.startswith(prefix):
        raise Unauthentic("signature_missing" if not header else "signature_form")
    check_any(values, message, [header[len(prefix) :]], encode, algorithm)


def check_any(
    keys: Sequence[str | bytes],
    message: bytes,
    offered: Sequence[str],
    encode: Encode,
    algorithm: Algorithm = "sha256",
) -> None:
    """Refuse unless one of the signatures is the message's under one of the keys; what follows the fifth signature is
    not even looked at. Raises Unauthentic."""
    if not _any_matches(keys, message, offered[:MAX_SIGNATURES], encode, algorithm):
        raise Unauthentic("signature_wrong")


def check_stamp(stamp: str, now: datetime, oldest: timedelta = TOLERANCE) -> datetime:
    """The UTC time of ten digits of Unix seconds, not older than `oldest` and not more than 300 s ahead of `now`.
    Raises Unauthentic."""
    if not _UNIX.fullmatch(stamp):
        raise Unauthentic("signature_form")
    signed_at = datetime.fromtimestamp(int(stamp), UTC)
    if not -TOLERANCE <= now - signed_at <= oldest:
        raise Unauthentic("signature_time")
    return signed_at


def check_timestamped(
    values: Sequence[str], message: bytes, header: str, now: datetime, oldest: timedelta, version: str = "v1"
) -> datetime:
    """When a header `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "t.message")>` was signed, in UTC.

    Not older than `oldest` and not more than 300 s ahead of `now`. What follows the fifth signature is not even looked
    at; other versions than `version` prove nothing. Raises Unauthentic.
    """
    items: dict[str, list[str]] = {}
    for item in header.split(",", MAX_SIGNATURES + 1)[: MAX_SIGNATURES + 1]:
        name, _, value = item.partition("=")
        items.setdefault(name, []).append(value)
    stamps = items.get("t", [])
    if len(stamps) != 1:
        raise Unauthentic("signature_missing" if not header else "signature_form")
    signed_at = check_stamp(stamps[0], now, oldest)
    check_any(values, stamps[0].encode() + b"." + message, items.get(version, []), hexadecimal)
    return signed_at


def check_token(values: Sequence[str], given: str) -> None:
    """Refuse unless `given` is one of the secrets. Raises Unauthentic.

    Digests are compared, so that not even the length of a secret shows in the time it takes.
    """
    found = False
    for value in values:
        found |= hmac.compare_digest(_fingerprint(value), _fingerprint(given))
    if not (given and found):
        raise Unauthentic("token_wrong" if given else "token_missing")


def _any_matches(
    keys: Sequence[str | bytes], message: bytes, given: Sequence[str], encode: Encode, algorithm: Algorithm
) -> bool:
    expected = [sign(key, message, encode, algorithm) for key in keys]
    offered = [_raw(text) for text in given]
    found = False
    for right in expected:
        for other in offered:
            found |= hmac.compare_digest(right, other)
    return found


def _fingerprint(text: str) -> bytes:
    return hashlib.sha256(_raw(text)).digest()


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
