"""Records of the people who work leads, and of the pools that share them out."""

from __future__ import annotations

from typing import ClassVar

from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.ports.store import Key, Record


def pool_key(pool_id: str) -> Key[PoolRecord]:
    """Where a pool's turns are."""
    return Key(f"POOL#{pool_id}", "STATE", PoolRecord)


def rep_key(rep_id: str) -> Key[RepRecord]:
    """Where a rep's state is."""
    return Key(f"REP#{rep_id}", "STATE", RepRecord)


class PoolRecord(Record):
    """A pool's memory of turns."""

    kind: ClassVar[str] = "pool"
    pool_id: str
    turns: Turns = Turns()

    def key(self) -> Key[PoolRecord]:
        """By pool id."""
        return pool_key(self.pool_id)


class RepRecord(Record):
    """A rep at work."""

    kind: ClassVar[str] = "rep"
    rep_id: str
    state: RepState = RepState()

    def key(self) -> Key[RepRecord]:
        """By rep id."""
        return rep_key(self.rep_id)
