"""A table for many small worlds: records are kept as they are, which frozen records allow, instead of as JSON.

What it answers is what `MemoryStore` answers; both are held to the contract of every store. Every sixteenth world sends
its records through JSON, as a table does, so that what would not survive it is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from leadrelay.domain.facts import Said
from leadrelay.ports import records
from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.store import RECORD_BYTES, Change, Due, DueKind, DueRow, Key, Listing, R, Record

Place = tuple[str, str]

_SMALL = (
    records.TouchRecord, records.LeadRecord, records.LogRecord, records.IdentRecord, records.PoolRecord,
    records.RepRecord, records.SyncRecord, records.NoticeRecord, records.ReaderRecord,
    records.MapRecord, records.CursorRecord, records.DayRecord,
)  # fmt: skip
"""Records that hold codes and numbers: in a world of a few touches they cannot outgrow a table."""

Watcher = Callable[[Sequence[Record], Callable[[Place], Record | None]], None]
"""Is shown the records about to be written, and how to look at what they replace."""


class WorldStore:
    """Implements `ports.store.Store`. `watchers` are called before a write takes effect, `on_insert` after.
    `dues_changed` is set whenever something falls due at another time than before; `writes` counts the writes."""

    def __init__(self, through_json: bool = False) -> None:
        self._through_json = through_json
        self.rows: dict[Place, Record] = {}
        self.watchers: list[Watcher] = []
        self.on_insert: list[Callable[[Record], None]] = []
        self.dues_changed = False
        self.writes = 0
        self._dues: dict[Place, Due] = {}
        self._lists: dict[Place, Listing] = {}

    def load(self, key: Key[R]) -> R | None:
        """The record now, or None."""
        record = self.rows.get((key.pk, key.sk))
        if record is None:
            return None
        if not isinstance(record, key.type):
            raise TypeError(f"{key} holds a {type(record).__name__}, not a {key.type.__name__}")
        return _fresh(record)

    def load_all(self, keys: Sequence[Key[R]]) -> list[R | None]:
        """As `load`, in the order of the keys."""
        return [self.load(key) for key in keys]

    def commit(self, change: Change) -> None:
        """All of it or nothing. Raises Conflict naming the first record that had moved on."""
        for put in change.puts:
            _weigh(put.record)
        seen = [put.record.version - 1 for put in change.puts] + [part.version for part in change.unchanged]
        for key, version in zip(change.keys(), seen, strict=True):
            if self._version(key) != version:
                stored = [self.rows.get((log.key().pk, log.key().sk)) for log in change.logs()]
                if change.answered_by(stored):
                    return
                raise Conflict(str(key))
        self._write([put.record for put in change.puts])

    def put(self, record: Record) -> None:
        """Write without a condition. Version 0 is stored as 1."""
        record = record if record.version else record.with_(version=1)
        _weigh(record)
        self._write([record])

    def put_once(self, record: Record) -> None:
        """Write where nothing is; what is there stays as it is."""
        if self.load(record.key()) is None:
            self.put(record)

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """What is due (to the millisecond), most overdue first, at most `limit` rows behind `after`."""
        now = _cut(now)
        found = [
            DueRow(kind, _key(self.rows[place]), _cut(due.at))
            for place, due in self._dues.items()
            if due.kind == kind and _cut(due.at) <= now
        ]
        behind = [row for row in found if after is None or _order(row) > _order(after)]
        return sorted(behind, key=_order)[:limit]

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        """What shows in a list, longest waiting first."""
        rows = [
            (_cut(listing.since), *place, _key(self.rows[place]))
            for place, listing in self._lists.items()
            if listing.name == name
        ]
        return [row[3] for row in sorted(rows, key=lambda row: row[:3])[:limit]]

    def story(self, pk: str) -> list[Record]:
        """Everything stored under one partition key, ordered by sort key."""
        return [_fresh(self.rows[place]) for place in sorted(self.rows) if place[0] == pk]

    def said(self, name: str, pk: str) -> list[Said]:
        """The facts of this name in a log, oldest first."""
        return [fact for row in self.story(pk) for fact in row.announces() if fact.name == name]

    def next_due(self, without: str = "") -> datetime | None:
        """When something falls due next, but for one kind."""
        return min((due.at for due in self._dues.values() if due.kind != without), default=None)

    def dues(self) -> list[Due]:
        """Everything that will fall due."""
        return list(self._dues.values())

    def anybody_waits(self) -> bool:
        """Whether a lead stands in the line of a pool."""
        return any(listing.name.startswith("WAITING#") for listing in self._lists.values())

    def _version(self, key: Key[Record]) -> int:
        record = self.rows.get((key.pk, key.sk))
        return 0 if record is None else record.version

    def _write(self, written: Sequence[Record]) -> None:
        if self._through_json:
            written = [type(record).model_validate_json(record.model_dump_json(by_alias=True)) for record in written]
        for watcher in self.watchers:
            watcher(written, self.rows.get)
        self.writes += 1
        inserted = []
        for record in written:
            key = record.key()
            place = (key.pk, key.sk)
            if place not in self.rows and record.version == 1:
                inserted.append(record)
            self.rows[place] = record
            if _file(self._dues, place, record.due()):
                self.dues_changed = True
            _file(self._lists, place, record.listing())
        for record in inserted:
            for listener in self.on_insert:
                listener(record)


def _file(index: dict[Place, Any], place: Place, entry: Due | Listing | None) -> bool:
    """Whether the index has changed."""
    if index.get(place) == entry:
        return False
    if entry is None:
        del index[place]
    else:
        index[place] = entry
    return True


def _fresh(record: R) -> R:
    """An equal record of its own; `copy` in pydantic does this and much more."""
    new = object.__new__(type(record))
    object.__setattr__(new, "__dict__", dict(record.__dict__))
    object.__setattr__(new, "__pydantic_fields_set__", record.__pydantic_fields_set__)
    object.__setattr__(new, "__pydantic_extra__", None)
    object.__setattr__(new, "__pydantic_private__", None)
    return new


def _key(record: Record) -> Key[Record]:
    key = record.key()
    return Key(key.pk, key.sk, type(record))


def _order(row: DueRow) -> tuple[datetime, str]:
    return row.at, f"{row.key.pk}|{row.key.sk}"


def _weigh(record: Record) -> None:
    if isinstance(record, _SMALL):
        return
    size = len(record.model_dump_json(by_alias=True).encode())
    if size > RECORD_BYTES:
        raise Reject("record_too_large", f"{record.key()} is {size} bytes, a store takes {RECORD_BYTES}; split it")


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
