"""Reading many records of which some may not be understood: one must not hide the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leadrelay.ports.errors import Reject
from leadrelay.ports.store import Key, Record, Store


def readable(store: Store, keys: Sequence[Key[Record]]) -> Iterator[Record]:
    """Those that are there and can be understood, in this order."""
    try:
        found: Iterable[Record | None] = store.load_all(keys)
    except Reject:
        found = [_alone(store, key) for key in keys]
    return (record for record in found if record is not None)


def _alone(store: Store, key: Key[Record]) -> Record | None:
    try:
        return store.load(key)
    except Reject:
        return None
