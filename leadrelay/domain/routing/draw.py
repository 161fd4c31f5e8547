"""One lead before a pool: who is there, with what weight, and what the pool remembers; and what it remembers after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.candidate import Candidate, free
from leadrelay.domain.routing.credits import seated
from leadrelay.domain.routing.fairness import Behind, Tie, may_have_more, slack_of, taken, tie
from leadrelay.domain.routing.ledger import MILLION, LeadClass, Ledger, Turns, class_of
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Pool, Rep, TeamPolicy


@dataclass(frozen=True, slots=True)
class Draw:
    """At `now` (UTC). `candidates` are all members with their verdicts and their shares. `ledger` is that of the lead's
    class as it stands now. `grown` is the weight of each member by now, in millionths, and `present` that with which
    they take part: nothing for who is absent. `short` is what each is behind if they do not get this one;
    `free` are those it is between, in the order of the pool."""

    lead_id: str
    pool: Pool
    kind: LeadClass
    memory: Turns
    ledger: Ledger
    grown: Mapping[str, int]
    present: Mapping[str, int]
    short: Behind
    candidates: tuple[Candidate, ...]
    free: Sequence[str]
    states: Mapping[str, RepState]
    now: datetime

    @classmethod
    def of(
        cls,
        lead: Lead,
        pool: Pool,
        found: Sequence[Candidate],
        staffing: Staffing,
        team: TeamPolicy,
        now: datetime,
        asked: Collection[str] | None = None,
    ) -> Draw:
        """The draw at `now`. `found` are the pool's members, judged; `asked` those it is between, else all who may take
        it."""
        asked = free(found) if asked is None else asked
        memory, kind = staffing.turns(pool.id), class_of(lead)
        ledger = seated(memory.of(kind), pool, now)
        grown = {member.rep: ramped(team.rep(member.rep), pool, member.weight, now) for member in pool.members}
        present = _present(found, grown, pool.fairness.credits, asked)
        states = {member.rep: staffing.rep(member.rep) for member in pool.members}
        short = Behind.of(ledger, present)
        spared = _spared(found, asked, present, short)
        candidates = tuple(_with_shares(found, spared, ledger, short))
        left = [each.rep for each in found if each.rep in asked and each.rep not in spared]
        return cls(lead.lead_id, pool, kind, memory, ledger, grown, present, short, candidates, left, states, now)

    def all_there(self) -> Draw:
        """The same lead, had nobody been absent."""
        return replace(self, present=self.grown, short=Behind.of(self.ledger, self.grown))

    def tie(self, rep: str) -> Tie:
        """What decides between equals: the smaller is first."""
        return tie(self.ledger, rep, self.lead_id)

    def after(self, rep: str, by_turn: bool = True) -> dict[str, Turns]:
        """The pool's memory, by its id, after `rep` got the lead: by turn, or because it was theirs anyway, which
        counts as much, but moves no circle on."""
        ledger = taken(self.ledger, rep, self.present)
        return {self.pool.id: self.memory.after(self.kind, ledger if by_turn else ledger.with_(last=self.ledger.last))}


def ramped(rep: Rep, pool: Pool, weight: int, now: datetime) -> int:
    """The weight with which they share, in millionths: in their first `ramp_days` it grows day by day to the whole."""
    whole = weight * MILLION
    days = pool.fairness.ramp_days
    if rep.since is None or days is None:
        return whole
    return whole * min(max((now.date() - rep.since).days + 1, 1), days) // days


def _present(
    found: Iterable[Candidate], grown: Mapping[str, int], credited: Collection[str], asked: Collection[str]
) -> dict[str, int]:
    """Nothing for who failed a test that is credited and is not asked all the same, nor for who was not looked at,
    because another pool had asked them. When that is everybody, nobody missed what another could have had: all count as
    there."""
    there = {each.rep for each in found if each.failed not in credited or each.rep in asked}
    present = {rep: weight if rep in there else 0 for rep, weight in grown.items()}
    return present if any(present.values()) else dict(grown)


def _spared(found: Iterable[Candidate], asked: Collection[str], present: Mapping[str, int], short: Behind) -> set[str]:
    """Who still grows into their share and has it already, while somebody else is free: where weights do not count,
    passing them over is what keeps a new rep from being flooded."""
    slack = slack_of(present)
    grow = [each.rep for each in found if each.rep in asked and present[each.rep] < each.weight * MILLION]
    full = {rep for rep in grow if not may_have_more(rep, short, slack)}
    return full if len(full) < len(asked) else set()


def _with_shares(
    found: Iterable[Candidate], spared: Collection[str], ledger: Ledger, short: Behind
) -> Iterable[Candidate]:
    """With the numbers that decide, and `ramp` as what those failed who were spared."""
    for each in found:
        yield each.with_(
            failed="ramp" if each.rep in spared else each.failed,
            given=ledger.given[each.rep],
            credit=ledger.credit(each.rep) / MILLION,
            behind=short.leads(each.rep),
        )
