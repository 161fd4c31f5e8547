"""The one place of truth: records with a version, changed by one conditional transaction at a time.

A workflow loads, decides and commits. Every record that a decision read and that must not have moved is part of the
change, with the version that was seen; so a repeated fact, a late one or two workers cannot count twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from leadrelay.domain.facts import Said
from leadrelay.domain.model import Model

DueKind = Literal["touch", "clock", "sync", "notice"]


@dataclass(frozen=True, slots=True)
class Due:
    """When this record wants attention (UTC). The sweep asks "due <= now", so a late sweep misses nothing."""

    kind: DueKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """A place in a list people page through: `OWNER#rep`, `BACKLOG#pool`, `PARKED#why`, ordered by `since` (UTC)."""

    name: str
    since: datetime


class Record(Model):
    """Something stored under one key. `version` counts its writes from 1; 0 is not stored yet."""

    kind: ClassVar[str]
    version: int = 0

    def key(self) -> Key[Record]:
        """Where it is stored."""
        raise NotImplementedError(type(self).__name__)

    def due(self) -> Due | None:
        """When it is due; None keeps it out of the sweep."""
        return None

    def listing(self) -> Listing | None:
        """The list it shows in, if any."""
        return None

    def expires_at(self) -> datetime | None:
        """When the table may forget it; None is never."""
        return None

    def announces(self) -> tuple[Said, ...]:
        """Facts that the table's stream publishes when this record is first inserted."""
        return ()


R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True)
class Key(Generic[R_co]):
    """Partition and sort key, with the type of record that lives there."""

    pk: str
    sk: str
    type: type[R_co]

    def __str__(self) -> str:
        return f"{self.pk}/{self.sk}"


@dataclass(frozen=True, slots=True)
class Put:
    """Write `record`; it must still be at version `record.version - 1` (absent when that is 0)."""

    record: Record


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Write nothing, but require that the record is still at the version that was read (0: still absent)."""

    key: Key[Record]
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction, all or nothing; at most 100 parts. `cause` is the fact or sweep that it answers.

    When a log row is among the puts and a row of the same cause is already there, the change counts as done: it was
    this one, whose answer was lost, or a twin that answered the same cause.
    """

    cause: str
    puts: tuple[Put, ...]
    unchanged: tuple[Unchanged, ...] = ()


@dataclass(frozen=True, slots=True)
class DueRow:
    """A hint from the due index: the record may have moved on since; load it before acting."""

    kind: DueKind
    key: Key[Record]
    at: datetime


class Store(Protocol):
    """Raises Retry when the table is throttled or away, Conflict from `commit` when a condition failed."""

    def load(self, key: Key[R]) -> R | None:
        """The record now (strongly consistent), or None."""
        ...

    def load_all(self, keys: Sequence[Key[R]]) -> list[R | None]:
        """As `load`, in the order of the keys."""
        ...

    def commit(self, change: Change) -> None:
        """All of it or nothing. Raises Conflict naming the first record that had moved on."""
        ...

    def put(self, record: Record) -> None:
        """Write without a condition: only for what may be written twice unchanged, such as a raw delivery."""
        ...

    def due(self, kind: DueKind, now: datetime, limit: int) -> list[DueRow]:
        """What is due, most overdue first within a shard, at most `limit` rows in all."""
        ...

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        """What shows in a list, longest waiting first."""
        ...

    def story(self, pk: str) -> list[Record]:
        """Everything stored under one partition key, ordered by sort key."""
        ...
