"""Hand-over: the open leads of a rep who is sick or left go to others, by the same rules and in the same turns as ever.

For each lead only the question is asked; `route` answers it, and the clock of the question sees to it that it does. So
a hand-over that dies half-way is finished by running it again: what was asked is not asked twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.handing.on import handed_on, may_be_handed_on
from leadrelay.domain.model import Model
from leadrelay.domain.routing.choose import Choice, choose
from leadrelay.domain.routing.in_time import owes
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Store
from leadrelay.workflows.backlog import readable_leads, staffing_for
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written

_ALL = 100_000
"""More open leads than anybody has."""

_PAGE = 100
"""How many leads are read with one question to the table."""


class Move(Model):
    """What becomes of one lead: by which rule, and to whom. `waits`: nobody may take it now. `calls`: a first contact
    is owed, with a clock of its own; else the next step goes on."""

    lead_id: str
    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    waits: str | None = None
    calls: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock

    def plan(self, rep: str, pool: str | None = None) -> list[Move]:
        """Where each lead would go if all were asked for now, one after the other; nothing is written. Raises Reject
        for a pool or a rep that nobody knows."""
        rules, now = self.rules.current(), self.clock.now()
        self._check(rep, pool, rules)
        moves: list[Move] = []
        staffing = Staffing()
        for page in self._pages(rep):
            asked = [_asking(record, rules, now, pool) for record in page if _is_theirs(record, rep)]
            read = staffing_for(self.store, [(each.lead, each.profile) for each in asked], rules, now)
            staffing = read.after(staffing.pools, staffing.reps)
            for decision in asked:
                choice = choose(decision.lead, decision.profile, staffing, rules, now)
                staffing = staffing.after(choice.turns, choice.reps).shifted({choice.rep: 1} if choice.rep else {})
                moves.append(_move(decision, choice))
        return moves

    def __call__(self, rep: str, pool: str | None = None) -> Counter[str]:
        """Ask whose each open lead of `rep` is instead; returns how many were `asked`, how many were `changed` by
        others meanwhile and are left for a second run. Raises Reject as `plan`, Retry when the table is away."""
        rules = self.rules.current()
        self._check(rep, pool, rules)
        counts: Counter[str] = Counter()
        for page in self._pages(rep):
            counts.update(self._ask(record, rep, pool, rules) for record in page)
        return counts

    def _ask(self, record: LeadRecord | None, rep: str, pool: str | None, rules: RuleSet) -> str:
        for _ in range(ATTEMPTS):
            if record is None or not _is_theirs(record, rep):
                return "left"
            now = self.clock.now()
            decision = _asking(record, rules, now, pool)
            cause = f"handover:{record.key()}:{record.version}"
            touch_id = "" if record.lead.last is None else record.lead.last.touch_id
            context = Context(correlation_id=touch_id, causation_id=cause, rules_version=rules.version, at=now)
            try:
                outcome = Outcome(decision, record, context, {})
                self.store.commit(Change(cause=cause, puts=tuple(written([outcome], self.store))))
            except Conflict:
                record = self.store.load(lead_key(record.lead.lead_id))
                continue
            return "asked"
        return "changed"

    def _pages(self, rep: str) -> Iterator[list[LeadRecord]]:
        keys = self.store.listed(f"OWNER#{rep}", _ALL)
        for start in range(0, len(keys), _PAGE):
            yield list(readable_leads(self.store, keys[start : start + _PAGE]))

    def _check(self, rep: str, pool: str | None, rules: RuleSet) -> None:
        pools, reps = [each.id for each in rules.team.pools], [each.id for each in rules.team.reps]
        if pool is not None and pool not in pools:
            raise Reject("unknown_pool", f"team.yaml has no pool '{pool}'; it has {', '.join(pools)}")
        if rep not in reps and not self.store.listed(f"OWNER#{rep}", 1):
            raise Reject("unknown_rep", f"nobody called '{rep}' has leads; team.yaml has {', '.join(reps)}")


def _is_theirs(record: LeadRecord, rep: str) -> bool:
    """A row of the list is a hint: what counts is the lead."""
    return record.lead.ownership.rep == rep and may_be_handed_on(record.lead)


def _asking(record: LeadRecord, rules: RuleSet, now: datetime, pool: str | None) -> Decision:
    decision = Decision(record.lead, record.profile, rules, now)
    handed_on(decision, "handover", pool)
    return decision


def _move(decision: Decision, choice: Choice) -> Move:
    return Move(
        lead_id=decision.lead.lead_id,
        rule=choice.rule,
        rep=choice.rep,
        pool=choice.pool,
        queue=choice.queue,
        waits=choice.waits,
        calls=not decision.lead.rests and owes(decision.lead, decision.at) and choice.queue is None,
    )
