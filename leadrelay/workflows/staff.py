"""Pools and reps in one transaction: read with one question, changed by each decision in its turn, put once.

The number of a rep's open leads, their response times and a pool's turns change together with the leads or not at all.
So whoever writes a lead asks here what that means for the people who work it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.taking_away import is_last_resort
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context, Fact
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.claim import claimed_by, pool_of, turn_of
from leadrelay.domain.routing.muster import Muster
from leadrelay.domain.routing.rep_facts import RepAway
from leadrelay.domain.routing.returns import came_back, uncounted
from leadrelay.domain.routing.silence import concerns, reacts
from leadrelay.domain.routing.staffing import Needs, Staffing
from leadrelay.domain.routing.workload import carrier, responses, shifts
from leadrelay.domain.view import view
from leadrelay.ports.records import LeadRecord, PoolRecord, RepRecord, pool_key, rep_key
from leadrelay.ports.store import Key, Put, Record, Store
from leadrelay.workflows.log import notice_log, rep_log
from leadrelay.workflows.notice_row import notice_row

SET_AWAY = "set_away"
"""The kind of notice that tells a rep, and their manager, that they get no new leads for a while."""


class Staff:
    """`staffing` is what is known of them by now: as it was read, and as the decisions so far leave it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pools: dict[str, PoolRecord] = {}
        self._reps: dict[str, RepRecord] = {}
        self._said: dict[str, list[Fact]] = {}
        self._notices: list[tuple[str, NoticeNeeded]] = []
        self.staffing = Staffing()

    def read(self, needs: Needs) -> None:
        """Who is not known yet is read, all with one question."""
        pools = [pool for pool in dict.fromkeys(needs.pools) if pool not in self._pools]
        reps = [rep for rep in dict.fromkeys(needs.reps) if rep not in self._reps]
        keys: list[Key[Record]] = [*map(pool_key, pools), *map(rep_key, reps)]
        found = self._store.load_all(keys) if keys else []
        for pool, record in zip(pools, found, strict=False):
            self._pools[pool] = record if isinstance(record, PoolRecord) else PoolRecord(pool_id=pool)
        for rep, record in zip(reps, found[len(pools) :], strict=True):
            self._reps[rep] = record if isinstance(record, RepRecord) else RepRecord(rep_id=rep)
        self.staffing = self.staffing.after(
            {pool: self._pools[pool].turns for pool in pools}, {rep: self._reps[rep].state for rep in reps}
        )

    def chosen(self, choice: Choice) -> None:
        """A choice took a turn, and what a rep may get."""
        self.staffing = self.staffing.after(choice.turns, choice.reps)

    def feel(self, before: LeadRecord | None, decision: Decision) -> None:
        """A decision about a lead, known as `before`: whose open lead it is now, who made a first contact, and who gave
        back what they had got by turn."""
        moved = shifts(None if before is None else before.carrier, carrier(decision.lead, decision.rules))
        made = [] if before is None else list(responses(before.lead, decision.facts))
        back = None if before is None else came_back(before.lead, decision.lead, decision.rules)
        self.read(Needs(() if back is None else (back.pool,), (*moved, *(rep for rep, _ in made))))
        self.staffing = self.staffing.shifted(moved)
        self._claim(before, decision)
        self._react(before, decision)
        for rep, seconds in made:
            self.staffing = self.staffing.after(reps={rep: self.staffing.rep(rep).responded(seconds)})
        if back is not None:
            self.staffing = self.staffing.after({back.pool: uncounted(self.staffing.turns(back.pool), back)})

    def _claim(self, before: LeadRecord | None, decision: Decision) -> None:
        """Who took a lead out of a pool's line had a turn."""
        team = decision.rules.team
        rep = None if before is None else claimed_by(before.lead, decision.lead, team)
        pool = None if before is None else pool_of(before.lead, team)
        if before is None or rep is None or pool is None or not before.lead.live:
            return
        self.read(Needs((pool.id,), tuple(member.rep for member in pool.members)))
        seen, rules = view(before.lead, before.profile, decision.rules), decision.rules
        muster = Muster(before.lead, seen, None, self.staffing, rules, decision.at)
        self.staffing = self.staffing.after(turn_of(muster, rep, pool), muster.charged(rep))

    def _react(self, before: LeadRecord | None, decision: Decision) -> None:
        """An owner who lets leads lie is away for a while, where the rules say so; who reaches somebody is there."""
        policy, rep = decision.rules.sla.silent, None if before is None else before.lead.ownership.rep
        if before is None or policy is None or rep is None or not concerns(decision.facts):
            return
        if is_last_resort(before.lead, decision.rules):
            return
        self.read(Needs((), (rep,)))
        state, said = reacts(rep, self.staffing.rep(rep), decision.facts, policy, decision.at)
        self.staffing = self.staffing.after(reps={rep: state})
        self._said.setdefault(rep, []).extend(said)
        if any(isinstance(fact, RepAway) for fact in said) and decision.rules.notices.named(SET_AWAY):
            told = notice(SET_AWAY, before.lead, before.lead.ownership.hop, decision.at)
            self._notices.append((before.lead.lead_id, told))

    def puts(self, context: Context) -> Iterator[Put]:
        """One for each pool and rep that changed, and what is said of reps."""
        for pool, known in self._pools.items():
            turns = self.staffing.turns(pool)
            if turns != known.turns:
                yield Put(known.with_(version=known.version + 1, turns=turns))
        for rep, record in self._reps.items():
            state = self.staffing.rep(rep)
            if state != record.state:
                changed = record.with_(version=record.version + 1, state=state)
                yield Put(changed)
                said = self._said.get(rep)
                yield from [Put(rep_log(changed, said, context))] if said else []
        for lead_id, needed in self._notices:
            row = notice_row(needed, lead_id, context)
            yield from (Put(row), Put(notice_log(row, [needed], context)))
