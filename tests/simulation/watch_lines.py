"""What is promised of who waits in a pool: a place, an end, and that nobody waits whom somebody could take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.choose import needs
from leadrelay.domain.routing.facts import LeadAssigned, LeadUnassignable, LeadWaits, OwnerNeeded
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.taking_up import asking, is_in_line, taken_up
from leadrelay.ports.records import LeadRecord, PoolRecord, RepRecord, pool_key, rep_key

if TYPE_CHECKING:
    from tests.simulation.world import World


class LineWatch:
    """Holds one world to what it promises who waits; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken

    def heard(self, known: Lead, after: Lead, facts: Sequence[Fact]) -> None:
        """One decision about a lead, known as `known` until then."""
        for fact in facts:
            if isinstance(fact, OwnerNeeded) and fact.why == "handover":
                self._world.seen.add("a lead was handed over for a rep who is away")
            if isinstance(fact, LeadWaits):
                self._waits(fact, known, after)
            elif isinstance(fact, LeadAssigned) and known.ownership.waits is not None:
                self._ends(facts, known)
        if after.waits and after.wanted is None and after.clock("backlog") is None:
            self._broken(23, f"{after.lead_id} waits without an end")

    def _waits(self, fact: LeadWaits, known: Lead, after: Lead) -> None:
        if fact.waits == "claim":
            self._world.seen.add("a lead was open to all of its pool")
        if fact.hop != known.ownership.hop + 1 or known.wanted is None:
            self._broken(4, f"waits without a question: hop {fact.hop} of {known.lead_id}")
        if (after.ownership.rep, after.ownership.queue) != (None, None):
            self._broken(4, f"{known.lead_id} waits, and somebody has it: {after.ownership}")
        stood = known.ownership.waits is not None and known.ownership.pool == fact.pool
        if stood and after.ownership.since != known.ownership.since:
            self._broken(23, f"{known.lead_id} lost its place in the line of {fact.pool}")

    def _ends(self, facts: Sequence[Fact], known: Lead) -> None:
        if any(isinstance(each, LeadUnassignable) and each.why == "waited_too_long" for each in facts):
            self._world.seen.add("the manager took who waited too long")
        elif known.ownership.waits == "backlog":
            self._world.seen.add("a lead that waited was taken up")

    def at_rest(self) -> Iterator[tuple[int, str]]:
        """Nobody waits whom somebody could take."""
        world, now = self._world, self._world.moment()
        rules = world.rules.current()
        for record in [each for each in world.store.rows.values() if isinstance(each, LeadRecord)]:
            if not is_in_line(record.lead):
                continue
            asked = needs(asking(record.lead, rules, now), record.profile, rules, now)
            pools = [world.store.rows.get((pool_key(pool).pk, "STATE")) for pool in asked.pools]
            reps = [world.store.rows.get((rep_key(rep).pk, "STATE")) for rep in asked.reps]
            staffing = Staffing(
                {pool.pool_id: pool.turns for pool in pools if isinstance(pool, PoolRecord)},
                {rep.rep_id: rep.state for rep in reps if isinstance(rep, RepRecord)},
            )
            choice = taken_up(record.lead, record.profile, staffing, rules, now)
            if choice is not None:
                yield 23, f"{record.lead.lead_id} waits, and {choice.rep or choice.queue} could take it"
