"""What a browser keeps for us and cannot change: signed, for one purpose, until a time.

Signed is not secret: whoever has it can read it, so it holds nothing but what its own bearer may know.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

from pydantic import ValidationError

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.reporting.access import Claim

_MAC_BYTES = 32
_LONGEST = 3_500
"""Characters: browsers keep 4096 of a cookie with its name."""


class Sealed(Model):
    """Something signed. `expires_at` (UTC) is the last instant at which it counts. `purpose` keeps one use of the key
    apart from every other: what was signed as one thing is never taken for another."""

    purpose: ClassVar[str]
    expires_at: Instant


class Session(Sealed):
    """Who is signed in."""

    purpose: ClassVar[str] = "session"
    claim: Claim


class Entrance(Sealed):
    """The link that lets somebody in without an issuer; the session that it opens ends with it."""

    purpose: ClassVar[str] = "entrance"
    claim: Claim


class Begun(Sealed):
    """A sign-in under way: what the issuer must say again (`state`, `nonce`), the proof that we are who asked
    (`verifier`, RFC 7636), and the page that was wanted."""

    purpose: ClassVar[str] = "sign_in"
    state: str
    nonce: str
    verifier: str
    wanted: str


S = TypeVar("S", bound=Sealed)


def sealed(said: Sealed, key: str) -> str:
    """The token: URL-safe base64 of the JSON and its HMAC-SHA-256. Raises ValueError when it is too long to be kept."""
    text = said.model_dump_json(exclude_defaults=True).encode()
    token = _spelled(text + _mac(type(said), text, key))
    if len(token) > _LONGEST:
        raise ValueError(f"{said.purpose}: {len(token)} characters; a browser keeps {_LONGEST}")
    return token


def opened(kind: type[S], token: str, keys: Sequence[str], now: datetime) -> S | None:
    """What one of the keys signed for this purpose and is still good at `now` (UTC); None for anything else."""
    given = _bytes(token)
    if given is None:
        return None
    text, mac = given[:-_MAC_BYTES], given[-_MAC_BYTES:]
    matches = [hmac.compare_digest(_mac(kind, text, key), mac) for key in keys]  # all of them: the time tells nothing
    said = _read(kind, text) if any(matches) else None
    return said if said is not None and now <= said.expires_at else None


def _mac(kind: type[Sealed], text: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), f"leadrelay dashboard {kind.purpose}\0".encode() + text, hashlib.sha256)


def _read(kind: type[S], text: bytes) -> S | None:
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        return None  # ours, of another release


def _spelled(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


def _bytes(token: str) -> bytes | None:
    """A token has one spelling only: base64 would let the last character vary."""
    if len(token) > _LONGEST:
        return None
    try:
        given = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError):
        return None
    return given if _spelled(given) == token and len(given) > _MAC_BYTES else None
