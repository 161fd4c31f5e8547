"""What the CRM remembers: records, owners, links, declared properties, and a journal of who asked what.

Values are strings, as on every CRM's wire; an empty value is an absent one. All methods are safe under threads; a
sandbox holds `world.lock` around a whole request, so that each request is atomic.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from leadrelay.local.crm_world import hands
from leadrelay.local.crm_world.faults import Fault, Faults
from leadrelay.local.crm_world.hands import Links, Values
from leadrelay.local.crm_world.records import Action, Actor, Asked, Change, Owner, Property, Record

FIRST_ID = 101
JOURNAL_SIZE = 10_000


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Kept:
    """Everything that `reset` forgets."""

    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    properties: dict[str, dict[str, Property]] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    links: set[tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=set)
    moved: dict[tuple[str, str], str] = field(default_factory=dict)


class World:
    """The state of one CRM account. `now` gives the time of creation and change (UTC)."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.faults = Faults()
        self._ids = itertools.count(FIRST_ID)
        self._journal: deque[Asked] = deque(maxlen=JOURNAL_SIZE)
        self._kept = _Kept()
        self._listeners: list[Callable[[Change], None]] = []
        self._actor: Actor = "api"

    def next_id(self) -> str:
        """A new id; ids grow and are never used twice, not even after `reset`."""
        with self.lock:
            return str(next(self._ids))

    # -- records

    def create(self, kind: str, values: Mapping[str, str]) -> Record:
        """A new record; empty values are left out."""
        with self.lock:
            at = self.now()
            kept = {k: v for k, v in values.items() if v != ""}
            record = Record(kind, self.next_id(), kept, at, at, made_by=self._actor)
            self._kept.records.setdefault(kind, {})[record.id] = record
            self._tell("created", kind, record.id, kept)
            return record

    def update(self, kind: str, record_id: str, values: Mapping[str, str]) -> Record:
        """Change some values; an empty one is removed. Raises KeyError where there is no such record."""
        with self.lock:
            old = self.get(kind, record_id)
            if old is None:
                raise KeyError(record_id)
            merged = {k: v for k, v in {**old.values, **values}.items() if v != ""}
            new = replace(old, values=merged, updated_at=self.now())
            self._kept.records[kind][new.id] = new
            self._tell("updated", kind, new.id, {k: v for k, v in values.items() if old.values.get(k, "") != v})
            return new

    def get(self, kind: str, record_id: str) -> Record | None:
        """The record, or the one it was merged into."""
        with self.lock:
            while (kind, record_id) in self._kept.moved:
                record_id = self._kept.moved[kind, record_id]
            return self._kept.records.get(kind, {}).get(record_id)

    def all(self, kind: str) -> list[Record]:
        """Every record of a kind, oldest first: ids grow, and records stay in the place they were made in."""
        with self.lock:
            return list(self._kept.records.get(kind, {}).values())

    def find(self, kind: str, matches: Callable[[Record], bool]) -> Record | None:
        """The oldest record that matches."""
        return next(filter(matches, self.all(kind)), None)

    def delete(self, kind: str, record_id: str, action: Literal["deleted", "forgotten"] = "deleted") -> None:
        """Remove a record and its links; `forgotten` is what a person may ask for by law."""
        with self.lock:
            gone = self._kept.records.get(kind, {}).pop(record_id, None)
            self._kept.links = {link for link in self._kept.links if (kind, record_id) not in link}
            if gone is not None:
                self._tell(action, kind, record_id)

    def merge(self, kind: str, winner_id: str, loser_id: str) -> Record:
        """Merge `loser_id` into `winner_id`: the winner's values win, links move over, the old id keeps answering."""
        with self.lock:
            winner, loser = self.get(kind, winner_id), self.get(kind, loser_id)
            if winner is None or loser is None or winner.id == loser.id:
                raise KeyError(f"cannot merge {loser_id} into {winner_id}")
            merged = (*winner.merged, *loser.merged, loser.id)
            record = replace(winner, values={**loser.values, **winner.values}, merged=merged, updated_at=self.now())
            old, new = (kind, loser.id), (kind, winner.id)
            self._kept.records[kind].pop(loser.id)
            self._kept.records[kind][winner.id] = record
            self._kept.moved[old] = winner.id
            self._kept.links = {(new if a == old else a, new if b == old else b) for a, b in self._kept.links}
            self._tell("merged", kind, winner.id, other=old)
            return record

    # -- links

    def link(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        """Associate two records, each given as (kind, id)."""
        with self.lock:
            if (one, other) not in self._kept.links:
                self._kept.links |= {(one, other), (other, one)}
                self._tell("linked", *one, other=other)

    def unlink(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        """Take an association away."""
        with self.lock:
            if (one, other) in self._kept.links:
                self._kept.links -= {(one, other), (other, one)}
                self._tell("unlinked", *one, other=other)

    def linked(self, one: tuple[str, str], kind: str) -> list[str]:
        """The ids of the records of a kind that are associated with this one, oldest first."""
        with self.lock:
            return sorted((b[1] for a, b in self._kept.links if a == one and b[0] == kind), key=int)

    # -- who acts, and who is told

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[None]:
        """Whatever is changed inside was done by `actor`; without it, by a program."""
        with self.lock:
            before, self._actor = self._actor, actor
            try:
                yield
            finally:
                self._actor = before

    def by_hand(
        self, action: str, kind: str, record_id: str = "", values: Values | None = None, links: Links = ()
    ) -> Record | None:
        """What a person does in the CRM's own pages; see `hands`."""
        with self.acting("hand"):
            return hands.act(self, action, kind, record_id, values or {}, links)

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Tell `listener` of every change, in order and with the world locked: it must only take note."""
        self._listeners.append(listener)

    def _tell(
        self,
        action: Action,
        kind: str,
        record_id: str,
        values: Mapping[str, str] | None = None,
        other: tuple[str, str] | None = None,
    ) -> None:
        change = Change(action, kind, record_id, self._actor, self.now(), values or {}, other)
        for listener in self._listeners:
            listener(change)

    # -- owners and properties

    def put_owner(self, owner: Owner) -> Owner:
        """Add or replace an owner."""
        with self.lock:
            self._kept.owners[owner.id] = owner
            return owner

    def owner(self, owner_id: str) -> Owner | None:
        """The owner with this id."""
        with self.lock:
            return self._kept.owners.get(owner_id)

    def owners(self) -> list[Owner]:
        """Every owner, in the order they came."""
        with self.lock:
            return list(self._kept.owners.values())

    def define(self, kind: str, prop: Property) -> None:
        """Declare a property of a kind of record, or replace its declaration."""
        with self.lock:
            self._kept.properties.setdefault(kind, {})[prop.name] = prop

    def properties(self, kind: str) -> dict[str, Property]:
        """The declared properties of a kind, by name."""
        with self.lock:
            return dict(self._kept.properties.get(kind, {}))

    def add_group(self, kind: str, name: str, label: str) -> None:
        """Declare a group of properties."""
        with self.lock:
            self._kept.groups.setdefault(kind, {})[name] = label

    def groups(self, kind: str) -> dict[str, str]:
        """The groups of properties of a kind: name to label."""
        with self.lock:
            return dict(self._kept.groups.get(kind, {}))

    # -- what tests and the demo ask

    def fail(self, kind: str, *, times: int = 1, match: str = ".*", hold: float = 30.0) -> None:
        """Let the next `times` requests whose "METHOD /path" matches fail; see `faults` for the kinds."""
        self.faults.add(Fault(kind, match, hold), times)

    def note(self, asked: Asked) -> None:
        """Keep a line in the journal; an address in the path is masked."""
        parts = ("***" if "@" in part or "%40" in part.lower() else part for part in asked.path.split("/"))
        with self.lock:
            self._journal.append(replace(asked, path="/".join(parts)))

    def journal(self) -> list[Asked]:
        """The last requests, oldest first."""
        with self.lock:
            return list(self._journal)

    def reset(self) -> None:
        """Forget everything but the count of ids."""
        with self.lock:
            self.faults.clear()
            self._journal.clear()
            self._kept = _Kept()

    def state(self) -> dict[str, object]:
        """Records, owners and links as plain JSON values."""
        with self.lock:
            records = {kind: [record.plain() for record in self.all(kind)] for kind in sorted(self._kept.records)}
            owners = [asdict(owner) for owner in self.owners()]
            links = sorted([*a, *b] for a, b in self._kept.links)
            return {"records": records, "owners": owners, "links": links, "faults_left": self.faults.left()}
