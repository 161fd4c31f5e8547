"""Who is there when an owner is chosen: the memory of the pools and the state of their people, as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.rep_state import RepState


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be read before a choice: ids of pools, and of reps."""

    pools: tuple[str, ...] = ()
    reps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staffing:
    """Pool id → its turns, rep id → their state. Who is missing was never written: as if new. `colleagues` are the reps
    who own other people of the lead's account, the one heard of last first."""

    pools: Mapping[str, Turns] = field(default_factory=dict)
    reps: Mapping[str, RepState] = field(default_factory=dict)
    colleagues: tuple[str, ...] = ()

    def turns(self, pool: str) -> Turns:
        """The pool's memory."""
        return self.pools.get(pool, Turns())

    def rep(self, rep: str) -> RepState:
        """The rep's state."""
        return self.reps.get(rep, RepState())

    def only(self, needs: Needs) -> Staffing:
        """What a choice asked for, and was written before."""
        return Staffing(
            {pool: self.pools[pool] for pool in needs.pools if pool in self.pools},
            {rep: self.reps[rep] for rep in needs.reps if rep in self.reps},
        )

    def after(self, turns: Mapping[str, Turns] | None = None, reps: Mapping[str, RepState] | None = None) -> Staffing:
        """With these in the place of what was known."""
        return Staffing({**self.pools, **(turns or {})}, {**self.reps, **(reps or {})})

    def shifted(self, shifts: Mapping[str, int]) -> Staffing:
        """With so many more open leads for each of these reps."""
        return self.after(reps={rep: self.rep(rep).loaded(more) for rep, more in shifts.items()})
