"""The signed link in a notice, with which a rep answers without the CRM.

It is a key to one answer about one assignment: whoever holds it may give that answer, and nothing else. It names the
lead by its keyed hash and carries no personal data. It is worth nothing after its time, after the next assignment, and
after it was used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from leadrelay.domain.model import Instant, Model

Action = Literal["accept", "pass_on", "reject", "nurture", "claim", "snooze"]
"""Take it on; give it to another rep; give it back for good; give it back as too early; be the first to take it; be
reminded later."""

_ACTIONS: tuple[Action, ...] = get_args(Action)
"""In the token an action is its place here: append only."""

_HEAD = struct.Struct(">BB16sHI")
"""Version, action, lead id, hop, last second; the rep's id follows, and what it is about after a zero."""

_VERSION = 1
_MAC_BYTES = 32
_LONGEST = 400


class Link(Model):
    """One answer that one rep may give about one assignment, until `expires_at` (UTC, whole seconds, the last instant
    at which it counts). `lead_id` is 32 hex, `hop` the assignment, `about` the notice that is put off."""

    lead_id: str
    hop: int
    rep: str
    action: Action
    expires_at: Instant
    about: str = ""

    @property
    def cause(self) -> str:
        """Names the answer: the same for every link that gives it, and another for everybody else who might."""
        about = f":{self.about}" if self.about else ""
        return f"link:{self.lead_id}:{self.hop}:{self.rep}:{self.action}{about}"


def signed(link: Link, key: str) -> str:
    """The token: URL-safe base64 of the link's few bytes and their HMAC-SHA-256."""
    action, until = _ACTIONS.index(link.action), int(link.expires_at.timestamp())
    head = _HEAD.pack(_VERSION, action, bytes.fromhex(link.lead_id), link.hop, until)
    said = head + link.rep.encode() + (b"\0" + link.about.encode() if link.about else b"")
    return base64.urlsafe_b64encode(said + _mac(said, key)).rstrip(b"=").decode()


def verified(token: str, keys: Sequence[str]) -> Link | None:
    """The link that one of the keys signed; None for anything else. Whether its time has come is for the reader."""
    given = _bytes(token)
    if given is None:
        return None
    said, mac = given[:-_MAC_BYTES], given[-_MAC_BYTES:]
    matches = [hmac.compare_digest(_mac(said, key), mac) for key in keys]  # all of them: the time tells nothing
    return _read(said) if any(matches) else None


def _mac(said: bytes, key: str) -> bytes:
    """The words in front keep this use of a key apart from every other."""
    return hmac.digest(key.encode(), b"leadrelay link\0" + said, hashlib.sha256)


def _bytes(token: str) -> bytes | None:
    """A token has one spelling only: base64 would let the last character vary."""
    if len(token) > _LONGEST:
        return None
    try:
        given = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError):
        return None
    alike = base64.urlsafe_b64encode(given).rstrip(b"=").decode() == token
    return given if alike and len(given) > _HEAD.size + _MAC_BYTES else None


def _read(said: bytes) -> Link | None:
    version, action, lead_id, hop, until = _HEAD.unpack(said[: _HEAD.size])
    if version != _VERSION or action >= len(_ACTIONS):
        return None  # ours, of another release
    rep, _, about = said[_HEAD.size :].decode().partition("\0")
    return Link(
        lead_id=lead_id.hex(),
        hop=hop,
        rep=rep,
        action=_ACTIONS[action],
        expires_at=datetime.fromtimestamp(until, UTC),
        about=about,
    )
