"""Raw deliveries: every request as it came, for a month, to heal what we misread.

Most are a few kilobytes and stay text that a person can read. A sender's batch of a thousand leads is megabytes, more
than one row of the table takes: it is compressed, and what is still too much lies in several rows beside each other.
"""

from __future__ import annotations

import base64
import gzip
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from leadrelay.domain.model import Instant
from leadrelay.ports.errors import Reject
from leadrelay.ports.store import Key, Record

PLAIN_BYTES = 48 * 1024
"""Bodies up to here are kept as they are: even if each of their bytes takes six in JSON, a row holds them."""

PART_CHARS = 340_000
"""Characters of a compressed body in one row."""

UNPACKED_BYTES = 64 * 1024 * 1024
"""What a kept body may become when it is read again; no sender may send nearly as much."""


class DeliveryRecord(Record):
    """One request, or a part of it; a secret inside the body was taken out. `body` is text, or base64 of the bytes
    (compressed where `gzip`), and empty once somebody in it was erased. A delivery of several rows has them at `part` 0
    to `parts` - 1."""

    kind: ClassVar[str] = "delivery"
    KEPT: ClassVar[timedelta] = timedelta(days=30)
    sha: str
    source: str
    received_at: Instant
    body: str
    base64: bool = False
    gzip: bool = False
    part: int = 0
    parts: int = 1

    def key(self) -> Key[DeliveryRecord]:
        """By the hash of its bytes."""
        return delivery_key(self.sha, self.part)

    def expires_at(self) -> datetime | None:
        """A month after it came."""
        return self.received_at + self.KEPT

    def emptied(self) -> DeliveryRecord:
        """The next version, which says nothing of anybody."""
        return self.with_(version=self.version + 1, body="", base64=False, gzip=False)


class RepeatRecord(Record):
    """A touch that was known came again, in another delivery than its first: whoever removes its words removes them
    there too. Kept as long as the delivery; `at` is when that came (UTC)."""

    kind: ClassVar[str] = "repeat"
    touch_id: str
    delivery: str
    at: Instant

    def key(self) -> Key[RepeatRecord]:
        """Beside its touch."""
        return Key(f"TOUCH#{self.touch_id}", f"REPEAT#{self.delivery}", RepeatRecord)

    def expires_at(self) -> datetime | None:
        """With the delivery."""
        return self.at + DeliveryRecord.KEPT


def delivery_key(sha: str, part: int = 0) -> Key[DeliveryRecord]:
    """Where a part of a delivery is; all its parts are the story of one partition."""
    return Key(f"DELIVERY#{sha}", f"RAW#{part:03d}" if part else "RAW", DeliveryRecord)


def packed(sha: str, source: str, body: bytes, at: datetime) -> tuple[DeliveryRecord, ...]:
    """The rows of a delivery; the same body makes the same rows."""
    whole = DeliveryRecord(version=1, sha=sha, source=source, received_at=at, body="")
    if len(body) <= PLAIN_BYTES:
        return (_readable(whole, body),)
    text = base64.b64encode(gzip.compress(body, mtime=0)).decode()
    pieces = [text[start : start + PART_CHARS] for start in range(0, len(text), PART_CHARS)]
    return tuple(
        whole.with_(body=piece, base64=True, gzip=True, part=part, parts=len(pieces))
        for part, piece in enumerate(pieces)
    )


def unpacked(rows: Sequence[DeliveryRecord]) -> bytes:
    """The body of a delivery from all its rows, in any order. Raises Reject when rows are missing or damaged."""
    ordered = sorted(rows, key=lambda row: row.part)
    if not ordered or [row.part for row in ordered] != list(range(ordered[0].parts)):
        raise Reject("delivery_incomplete", "some of its rows are gone; ask the sender for it again")
    text = "".join(row.body for row in ordered)
    if not ordered[0].base64:
        return text.encode()
    try:
        data = base64.b64decode(text, validate=True)
        return _unzipped(data) if ordered[0].gzip else data
    except (ValueError, OSError, EOFError):
        raise Reject("delivery_damaged", "what was kept of it cannot be read") from None


def _readable(whole: DeliveryRecord, body: bytes) -> DeliveryRecord:
    try:
        return whole.with_(body=body.decode())
    except UnicodeDecodeError:
        return whole.with_(body=base64.b64encode(body).decode(), base64=True)


def _unzipped(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        found = file.read(UNPACKED_BYTES + 1)
    if len(found) > UNPACKED_BYTES:
        raise ValueError("more than any delivery has")
    return found
