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

DueKind = Literal["touch", "clock", "sync", "notice", "poll", "rescore"]

ASKED_AT_MOST = 8
"""How often a fact is said again, with growing waits, before a person must look: 1, 2, 4 … minutes are four hours."""

LOG_KIND = "log"
"""The kind of log rows: the only records a store looks into, for their `cause`."""

CHANGE_PARTS = 100
"""What one transaction may hold."""

RECORD_BYTES = 380_000
"""What a record and the facts it announces may weigh as JSON, in bytes of UTF-8. Keep far below."""


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
    spoken: ClassVar[str | None] = None
    """The field that holds what `announces` says, if any: a store keeps it once, apart from the rest."""
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
        facts: tuple[Said, ...] = () if self.spoken is None else getattr(self, self.spoken)
        return facts


def cause_of(record: Record | None) -> str | None:
    """The cause that a log row (kind "log") carries; None for every other record, and for none."""
    cause = getattr(record, "cause", None) if record is not None and record.kind == LOG_KIND else None
    return cause if isinstance(cause, str) else None


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
    this one, whose answer was lost, or a twin that answered the same cause. With several log rows (a group commit),
    all of them must be there, each with its own cause.

    Raises ValueError for what no store could carry out: nothing to write, too many parts, two parts on one key, a
    record that was never given its next version.
    """

    cause: str
    puts: tuple[Put, ...]
    unchanged: tuple[Unchanged, ...] = ()

    def __post_init__(self) -> None:
        keys = self.keys()
        if not self.puts:
            raise ValueError("a change must write something")
        if len(keys) > CHANGE_PARTS:
            raise ValueError(f"a change of {len(keys)} parts; one transaction takes {CHANGE_PARTS}")
        if len({(key.pk, key.sk) for key in keys}) < len(keys):
            raise ValueError("two parts of a change on one key; fold them into one")
        for put in self.puts:
            if put.record.version < 1:
                raise ValueError(f"{put.record.key()} is put at version 0; give it the next version")

    def keys(self) -> list[Key[Record]]:
        """What the change touches: puts, then what must be unchanged, in their order."""
        return [put.record.key() for put in self.puts] + [part.key for part in self.unchanged]

    def logs(self) -> list[Record]:
        """The log rows among the puts."""
        return [put.record for put in self.puts if put.record.kind == LOG_KIND]

    def answered_by(self, stored: Sequence[Record | None]) -> bool:
        """Whether the rows stored under the keys of `logs()`, in that order, show that the change is done already."""
        causes = [cause_of(record) for record in self.logs()]
        return bool(causes) and None not in causes and causes == [cause_of(record) for record in stored]


@dataclass(frozen=True, slots=True)
class DueRow:
    """A hint from the due index: the record may have moved on since; load it before acting."""

    kind: DueKind
    key: Key[Record]
    at: datetime


class Store(Protocol):
    """Raises Retry when the table is throttled or away, Conflict from `commit` when a condition failed.

    Reject("record_too_large") refuses a record above RECORD_BYTES, Reject("unreadable_record") one that cannot be
    understood any more.
    """

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
        """Write without a condition: only for what may be written twice unchanged.

        Version 0 is stored as 1.
        """
        ...

    def put_once(self, record: Record) -> None:
        """Write where nothing is; what is there stays as it is, such as a raw delivery that was emptied since."""
        ...

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """What is due (to the millisecond), most overdue first, at most `limit` rows; behind the row `after`, where the
        page before ended."""
        ...

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        """What shows in a list, longest waiting first."""
        ...

    def story(self, pk: str) -> list[Record]:
        """Everything stored under one partition key, ordered by sort key."""
        ...
