"""Keys of the table's two sparse indexes.

    index `due`    due_pk  = {due kind}#{shard 00..15}     due_sk  = {due at, ISO ms}#{pk}|{sk}
    index `list`   list_pk = the list's name               list_sk = {since, ISO ms}#{pk}|{sk}

Both project `kind` beside the keys. Sixteen shards lift the limit of 1,000 writes a second that one index partition
has; the time at the front of the sort key makes what is most overdue come first, so that no watermark is needed.
Times are cut to the millisecond: a row may show a fraction of a millisecond early, never late.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

from leadrelay.ports.store import DueKind

SHARDS = 16
DUE_INDEX = "due"
LIST_INDEX = "list"


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z: sorts as text in the order of time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def due_shards(kind: DueKind) -> list[str]:
    """Every partition of the due index that holds this kind."""
    return [f"{kind}#{shard:02d}" for shard in range(SHARDS)]


def due_pk(kind: DueKind, pk: str) -> str:
    """The shard of everything due under one partition key: stable, so a rewrite replaces its own row."""
    return f"{kind}#{crc32(pk.encode()) % SHARDS:02d}"


def timed_sk(at: datetime, pk: str, sk: str) -> str:
    """Sort key of either index: ordered by time, unique by record."""
    return f"{moment(at)}#{pk}|{sk}"


def until(now: datetime) -> str:
    """The greatest sort key that is due now: "~" sorts after the "#" that ends the time."""
    return f"{moment(now)}~"


NEVER = "0"
"""Sorts before every time."""


def behind(at: datetime, pk: str, sk: str) -> str:
    """The least sort key behind that of a row."""
    return f"{timed_sk(at, pk, sk)}!"


def moment_of(timed: str) -> datetime:
    """The time at the front of a sort key of either index."""
    return datetime.fromisoformat(timed.partition("#")[0])
