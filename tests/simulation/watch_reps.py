"""What is promised about the people who work leads, watched at every write: turns, open leads, caps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import LeadAssigned, LeadUnassignable
from leadrelay.domain.rules import Rules
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.records import LeadRecord, LogRecord, PoolRecord, RepRecord, pool_key, rep_key
from leadrelay.ports.store import Record

if TYPE_CHECKING:
    from tests.simulation.world import World

Lookup = Callable[[tuple[str, str]], Record | None]

_PASSED_OVER = {"cap": "a rep at the cap was passed over", "away": "a rep who is away was passed over"}


@dataclass(frozen=True, slots=True)
class Given:
    """A lead that a transaction gives to a rep; `by_choice` unless they take what nobody else can."""

    fact: LeadAssigned
    lead: Lead
    rules: Rules
    by_choice: bool

    def takes_turn(self) -> bool:
        """Whether it is a turn of its pool: not of a manager from outside, and not while it is shown to nobody."""
        pool = next((pool for pool in self.rules.team.pools if pool.id == self.fact.pool), None)
        members = () if pool is None else (member.rep for member in pool.members)
        return self.by_choice and self.lead.live and self.fact.rep in members


class RepWatch:
    """Holds one world to what it promises the reps; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken
        self._open: Counter[str] = Counter()

    def before_write(self, written: Sequence[Record], lookup: Lookup) -> None:
        """One transaction, about to take effect."""
        leads = {record.lead.lead_id: record.lead for record in written if isinstance(record, LeadRecord)}
        logs = [record for record in written if isinstance(record, LogRecord)]
        given = [each for log in logs for each in self._given(log, leads)]
        if any(said.name == "RepAway" and said.data["by"] == "clock" for log in logs for said in log.facts):
            self._world.seen.add("a rep who let leads lie was set away")
        if len(given) > 1:
            self._world.seen.add("leads were given out together")
        taken = Counter(each.fact.pool or "" for each in given if each.takes_turn())
        self._turns(written, lookup, taken + Counter(self._claimed(written, lookup)))
        if self._loads(written, lookup):
            self._caps(given)

    def _given(self, log: LogRecord, leads: dict[str, Lead]) -> Iterator[Given]:
        lead = leads.get(log.pk.removeprefix("LEAD#"))
        facts: list[Fact] = [read(said) for said in log.facts]
        assigned = next((fact for fact in facts if isinstance(fact, LeadAssigned)), None)
        if lead is None or assigned is None or assigned.why == "claimed":
            return  # whoever claims it was not chosen: no limit stands against it, and the turn is counted with others
        skipped = assigned.skipped.values()
        self._world.seen |= {_PASSED_OVER[skip.test] for skip in skipped if skip.test in _PASSED_OVER}
        try:
            rules = self._world.rules.version(log.rules_version)
        except Misconfigured:
            return  # promise 16 tells
        by_choice = not any(isinstance(fact, LeadUnassignable) for fact in facts)
        yield Given(assigned, lead, rules, by_choice)

    def _claimed(self, written: Sequence[Record], lookup: Lookup) -> Iterator[str]:
        """The pools whose members took a lead that was open to all of them."""
        pools = {pool.id: [member.rep for member in pool.members] for pool in self._world.versions[0].team.pools}
        for record in written:
            before = lookup((record.key().pk, "LEAD")) if isinstance(record, LeadRecord) else None
            if isinstance(before, LeadRecord) and isinstance(record, LeadRecord) and before.lead.live:
                was, now = before.lead.ownership, record.lead.ownership
                took = now.why == "claimed" or (now.why == "override" and was.waits == "claim")
                if was.waits is not None and took and now.rep in pools.get(was.pool or "", ()):
                    yield was.pool or ""

    def _turns(self, written: Sequence[Record], lookup: Lookup, taken: Counter[str]) -> None:
        """Each pool remembers exactly the leads that it gives out in the same transaction."""
        pools = {record.pool_id: record for record in written if isinstance(record, PoolRecord)}
        for pool in {*pools, *taken}:
            before = lookup((pool_key(pool).pk, "STATE"))
            was = before.turns.total if isinstance(before, PoolRecord) else 0
            now = pools[pool].turns.total if pool in pools else was
            if now - was != taken[pool]:
                self._broken(5, f"pool {pool} counts {now - was} turns for {taken[pool]} leads")
        if any("returned" in ledger.credits for pool in pools.values() for ledger in pool.turns.ledgers.values()):
            self._world.seen.add("a lead that was given back did not count as a turn")

    def _loads(self, written: Sequence[Record], lookup: Lookup) -> bool:
        """Whether every rep concerned has as many open leads as are counted."""
        concerned = {record.rep_id for record in written if isinstance(record, RepRecord)}
        for record in written:
            if isinstance(record, LeadRecord):
                before = lookup((record.key().pk, "LEAD"))
                was = self._carrier(before.lead) if isinstance(before, LeadRecord) else None
                now = self._carrier(record.lead)
                self._open.update({rep: 1 for rep in (now,) if rep is not None})
                self._open.subtract({rep: 1 for rep in (was,) if rep is not None})
                concerned |= {rep for rep in (was, now) if rep is not None}
        reps = {record.rep_id: record for record in written if isinstance(record, RepRecord)}
        wrong = {rep: counted for rep in concerned if (counted := _counted(reps, rep, lookup)) != self._open[rep]}
        for rep, counted in wrong.items():
            self._broken(20, f"{rep} is said to have {counted} open leads, and has {self._open[rep]}")
        return not wrong

    def _caps(self, given: Sequence[Given]) -> None:
        """What was given to somebody because nobody else could is beyond the cap."""
        for rep in {each.fact.rep for each in given if each.by_choice and each.lead.live}:
            mine = [each for each in given if each.fact.rep == rep]
            cap = None if rep is None else mine[0].rules.team.rep(rep).cap
            chosen = self._open[rep or ""] - sum(not each.by_choice for each in mine)
            if cap is not None and chosen > cap:
                self._broken(21, f"{rep} was given lead number {chosen}, and takes {cap}")

    def _carrier(self, lead: Lead) -> str | None:
        """Who has work with it: told apart from what the code says of it."""
        stages = self._world.versions[0].stages
        away = lead.merged_into or lead.standing != "live" or lead.disposition in ("rejected", "recycled")
        called = any(clock.kind == "first_contact" for clock in lead.clocks)
        sold = stages.is_customer(lead.stage) and not called and "open" not in lead.deals.values()
        return None if away or lead.retired_at or sold else lead.ownership.rep


def _counted(reps: dict[str, RepRecord], rep: str, lookup: Lookup) -> int:
    known = reps.get(rep) or lookup((rep_key(rep).pk, "STATE"))
    return known.state.open if isinstance(known, RepRecord) else 0
