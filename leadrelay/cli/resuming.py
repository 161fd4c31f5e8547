"""Long work that may be stopped anywhere and goes on where it was: where it is, and patience with what is away.

The place is kept behind what was taken, and a touch is known by its key: what was taken twice was taken once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import CursorRecord, cursor_key
from leadrelay.ports.store import Change, Put, Store

TRIES = 5
"""So often something is asked for, or stored, before a person is told."""

PATIENCE = 60.0
"""Seconds. Who asks for a longer pause than this is asked again by the person, not by us."""

_FIRST_PAUSE = 1.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """`pause` waits for so many seconds."""

    pause: Callable[[float], None]

    def __call__(self, ask: Callable[[], _T]) -> _T:
        """Asked again a few times, each time after a longer pause, and never before the pause that was asked for.
        Raises Retry when it stays away."""
        for tried in range(1, TRIES + 1):
            try:
                return ask()
            except Retry as later:
                if tried == TRIES or later.after > PATIENCE:
                    raise
                self.pause(max(later.after, _FIRST_PAUSE * 2 ** (tried - 1)))
        raise AssertionError("the last try returns or raises")


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far the work called `name` came. Raises Retry when the table stays away."""

    name: str
    store: Store
    patiently: Patience

    def here(self) -> CursorRecord:
        """Where it is; a record whose cursor is None before the beginning and after the end."""
        known = self.patiently(lambda: self.store.load(cursor_key(self.name)))
        return CursorRecord(source=self.name, due_at=None) if known is None else known

    def keep(self, now: CursorRecord, following: str | None) -> CursorRecord:
        """Move on. Raises Conflict when somebody else is at the same work."""
        kept = now.with_(version=now.version + 1, cursor=following)
        change = Change(cause=f"{kept.source}:{kept.version}", puts=(Put(kept),))
        try:
            self.patiently(lambda: self.store.commit(change))
        except Conflict:
            if self.store.load(kept.key()) != kept:  # else it was this one, whose answer was lost
                raise
        return kept

    def forget(self) -> None:
        """Begin anew the next time. Raises Conflict when somebody else is at the same work."""
        cursor = self.here()
        if cursor.version:
            self.keep(cursor, None)
