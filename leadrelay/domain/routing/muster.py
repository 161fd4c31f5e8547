"""The muster: everybody who is looked at for one lead, pool by pool, each once and with a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.allowance import charged
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.eligibility import judged, question
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.strategies import skips
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.rules import Rules


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
    def candidates(self) -> tuple[Candidate, ...]:
        """All who were looked at so far."""
        return tuple(each for found in self._found.values() for each in found)

    @property
    def skipped(self) -> dict[str, Skip]:
        """Those of them who would have come before, had they not failed."""
        return {rep: skip for skipped in self._skipped.values() for rep, skip in skipped.items()}

    def of(self, pool: Pool) -> tuple[Candidate, ...]:
        """The members of a pool; who was looked at in another one is not looked at again."""
        if pool.id not in self._found:
            there = {**self.seen, "lead.pool": pool.id}  # as contact policies will see it
            asked = replace(question(self.lead, there, self.rule, self.rules, self.now), patience=pool.patience)
            known = {each.rep for each in self.candidates}
            self._found[pool.id] = tuple(
                judged(self.rules.team.rep(member.rep), self.staffing.rep(member.rep), asked, member.weight)
                for member in pool.members
                if member.rep not in known
            )
        return self._found[pool.id]

    def one(self, rep: str) -> Candidate:
        """A rep whom a rule names."""
        asked = question(self.lead, self.seen, self.rule, self.rules, self.now)
        found = judged(self.rules.team.rep(rep), self.staffing.rep(rep), asked)
        self._found[""] = (found,)
        self._skipped[""] = {rep: Skip.of(found)} if found.failed is not None and found.late is None else {}
        return found

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
