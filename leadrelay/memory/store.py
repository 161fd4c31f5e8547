"""The store in memory: the same conditions, conflicts and indexes as the table.

Records go through JSON on every write and come back as fresh objects, so that what cannot be stored, or is shared by
mistake, shows here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from pydantic import ValidationError

from leadrelay.domain.facts import Said
from leadrelay.memory.index import Place, TimeIndex
from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.store import RECORD_BYTES, Change, Due, DueKind, DueRow, Key, Listing, R, Record


@dataclass(frozen=True, slots=True)
class _Row:
    key: Key[Record]
    version: int
    body: str
    due: Due | None
    listing: Listing | None

    def is_due(self) -> tuple[str, datetime] | None:
        return None if self.due is None else (self.due.kind, self.due.at)

    def is_listed(self) -> tuple[str, datetime] | None:
        return None if self.listing is None else (self.listing.name, self.listing.since)


class MemoryStore:
    """Implements `ports.store.Store`. Each of `on_insert` is called, after the commit, with what an insert announces.

    `commits` counts the changes and puts that were carried out.
    """

    def __init__(self) -> None:
        self.on_insert: list[Callable[[tuple[Said, ...]], None]] = []
        self.commits = 0
        self._rows: dict[Place, _Row] = {}
        self._dues, self._lists = TimeIndex(), TimeIndex()
        self._lock = Lock()

    def load(self, key: Key[R]) -> R | None:
        """The record now, or None."""
        row = self._rows.get((key.pk, key.sk))
        if row is None:
            return None
        record = _record(row)
        if not isinstance(record, key.type):
            raise TypeError(f"{key} holds a {type(record).__name__}, not a {key.type.__name__}")
        return record

    def load_all(self, keys: Sequence[Key[R]]) -> list[R | None]:
        """As `load`, in the order of the keys."""
        return [self.load(key) for key in keys]

    def commit(self, change: Change) -> None:
        """All of it or nothing. Raises Conflict naming the first record that had moved on."""
        rows = [_row(put.record) for put in change.puts]
        with self._lock:
            moved = self._first_moved(change)
            if moved is None:
                self._write(rows)
        if moved is None:
            self._tell([put.record for put in change.puts if put.record.version == 1])
        elif not change.answered_by(self.load_all([log.key() for log in change.logs()])):
            raise Conflict(str(moved))

    def put(self, record: Record) -> None:
        """Write without a condition. Version 0 is stored as 1."""
        record = record if record.version else record.with_(version=1)
        row = _row(record)
        with self._lock:
            inserted = (row.key.pk, row.key.sk) not in self._rows
            self._write([row])
        self._tell([record] if inserted and record.version == 1 else [])

    def put_once(self, record: Record) -> None:
        """Write where nothing is; what is there stays as it is."""
        if self.load(record.key()) is None:
            self.put(record)

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """What is due (to the millisecond), most overdue first, at most `limit` rows behind `after`."""
        behind = None if after is None else (after.at, (after.key.pk, after.key.sk))
        with self._lock:
            found = self._dues.first(kind, limit, now, behind)
            return [DueRow(kind, self._rows[place].key, at) for at, place in found]

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        """What shows in a list, longest waiting first."""
        with self._lock:
            return [self._rows[place].key for _, place in self._lists.first(name, limit)]

    def story(self, pk: str) -> list[Record]:
        """Everything stored under one partition key, ordered by sort key."""
        return [_record(self._rows[place]) for place in sorted(self._rows) if place[0] == pk]

    def _first_moved(self, change: Change) -> Key[Record] | None:
        seen = [put.record.version - 1 for put in change.puts] + [part.version for part in change.unchanged]
        return next((key for key, version in zip(change.keys(), seen, strict=True) if self._at(key) != version), None)

    def _at(self, key: Key[Record]) -> int:
        row = self._rows.get((key.pk, key.sk))
        return row.version if row else 0

    def _write(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            place = (row.key.pk, row.key.sk)
            known = self._rows.get(place)
            self._dues.move(place, None if known is None else known.is_due(), row.is_due())
            self._lists.move(place, None if known is None else known.is_listed(), row.is_listed())
            self._rows[place] = row
        self.commits += 1

    def _tell(self, inserted: Sequence[Record]) -> None:
        for record in inserted:
            if facts := record.announces():
                for listener in self.on_insert:
                    listener(facts)


def _row(record: Record) -> _Row:
    key = record.key()
    body = record.model_dump_json(by_alias=True)
    size = len(body.encode())
    if size > RECORD_BYTES:
        raise Reject("record_too_large", f"{key} is {size} bytes, a store takes {RECORD_BYTES}; split it")
    return _Row(Key(key.pk, key.sk, type(record)), record.version, body, record.due(), record.listing())


def _record(row: _Row) -> Record:
    try:
        return row.key.type.model_validate_json(row.body)
    except ValidationError as error:
        raise Reject("unreadable_record", f"{row.key}: {error.error_count()} fields") from None
