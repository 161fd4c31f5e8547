"""The muster: everybody who is looked at for one lead, pool by pool, each once and with a verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from math import inf

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.allowance import charged
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.eligibility import Question, holder, judged, question
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.strategies import skips
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.rules import Rules

FIRST = "first"
"""Stands where a pool's id would: those who are asked before it is anybody's turn."""


@dataclass(frozen=True, slots=True)
class Muster:
    """For `lead` at `now` (UTC). `seen` is what conditions see of it, `rule` the one that leads to these people, None
    where they had the lead before."""

    lead: Lead
    seen: Mapping[str, object]
    rule: RouteRule | None
    staffing: Staffing
    rules: Rules
    now: datetime
    _found: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)
    _skipped: dict[str, dict[str, Skip]] = field(default_factory=dict)

    @property
    def holder(self) -> str | None:
        """Who has the lead and may keep it."""
        return holder(self.lead)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All who were looked at so far."""
        return tuple(each for found in self._found.values() for each in found)

    def skipped(self, taker: str | None) -> dict[str, Skip]:
        """Those of them who would have come before the `taker`, had they not failed."""
        return {rep: skip for skipped in self._skipped.values() for rep, skip in skipped.items() if rep != taker}

    def of(self, pool: Pool) -> tuple[Candidate, ...]:
        """The members of a pool; who was looked at in another one is not looked at again."""
        if pool.id not in self._found:
            asked = self._question(pool)
            known = {each.rep for each in self.candidates}
            self._found[pool.id] = tuple(
                judged(self.rules.team.rep(member.rep), self.staffing.rep(member.rep), asked, member.weight)
                for member in pool.members
                if member.rep not in known
            )
        return self._found[pool.id]

    def first(self, pool: Pool, reps: Iterable[str]) -> tuple[Candidate, ...]:
        """Those who are asked before it is the turn of anybody in the pool, in this order."""
        members, asked = {each.rep: each for each in self.of(pool)}, self._question(pool)
        known = {rep: members.get(rep) or self._judged(rep, asked) for rep in reps}
        self._found[FIRST] = tuple(each for rep, each in known.items() if rep not in members)
        before = takewhile(lambda each: each.failed is not None, known.values())
        self._skipped[FIRST] = {each.rep: Skip.of(each) for each in before}
        return tuple(known.values())

    def before(self, pool: Pool) -> list[str]:
        """Members who had the lead before, and may take it but for that; not whom it is taken from. Who had it least
        often comes first, then who is quickest to make contact, then who had it last."""
        held = self.lead.ownership
        had = [rep for rep in held.previous if rep in pool.reps and rep != held.rep]
        asked = replace(self._question(pool), exclude=())
        able = [rep for rep in dict.fromkeys(reversed(had)) if self._judged(rep, asked).failed is None]
        return sorted(able, key=lambda rep: (had.count(rep), self._pace(rep)))

    def _pace(self, rep: str) -> float:
        """Mean business seconds until their first contact; nothing is known of who has made none."""
        seconds = self.staffing.rep(rep).response_seconds
        return inf if seconds is None else seconds

    def theirs(self, pool: Pool, rep: str) -> dict[str, Turns]:
        """The pool's memory, by its id, after a rep got the lead because it was theirs: nobody else was skipped."""
        if rep not in pool.reps:
            return {}
        turns = self.draw(pool, [rep]).after(rep, by_turn=False)
        del self._skipped[pool.id]
        return turns

    def one(self, rep: str) -> Candidate:
        """A rep whom a rule names."""
        asked = question(self.lead, self.seen, self.rule, self.rules, self.now)
        found = self._judged(rep, asked)
        self._found[""] = (found,)
        self._skipped[""] = {rep: Skip.of(found)} if found.failed is not None and found.late is None else {}
        return found

    def _question(self, pool: Pool) -> Question:
        there = {**self.seen, "lead.pool": pool.id}  # as contact policies will see it
        return replace(question(self.lead, there, self.rule, self.rules, self.now), patience=pool.patience)

    def _judged(self, rep: str, asked: Question) -> Candidate:
        return judged(self.rules.team.rep(rep), self.staffing.rep(rep), asked)

    def draw(self, pool: Pool, asked: Collection[str]) -> Draw:
        """The draw between those of the pool who are asked; its candidates are looked at with its numbers."""
        draw = Draw.of(self.lead, pool, self.of(pool), self.staffing, self.rules.team, self.now, asked)
        self._found[pool.id], self._skipped[pool.id] = draw.candidates, skips(draw)
        return draw

    def charged(self, rep: str) -> dict[str, RepState]:
        """The rep's state, by their id, after they got the lead, where that changes it."""
        person, state = self.rules.team.rep(rep), self.staffing.rep(rep)
        if person.monthly is None:
            return {}
        return {rep: charged(state, person.monthly, self.rules.calendar(person.calendar), self.now)}
