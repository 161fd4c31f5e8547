"""Choosing: from "an owner is needed" to one rep or one named queue, with every candidate's verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from leadrelay.domain.lead import Lead, Wanted
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.destination import destination
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.eligibility import Question, judged
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Needs, Staffing
from leadrelay.domain.routing.strategies import by_turn, next_rep, skips
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.routing.waiting import STAYS, may_wait, reason
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view

FALLBACK = "fallback"
"""Stands where a rule's id would: no rule matched."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead: a rep, a queue, or nobody yet, and then it `waits` in its pool. `candidates` are all who were
    looked at, `skipped` those of them who would have come before. `unassignable` says why the fallback had to take it.
    `turns` and `reps` are the memory of pools and the state of reps afterwards, as far as the choice changes them."""

    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    waits: Literal["backlog", "claim"] | None = None
    next_step: str = "Call"
    candidates: tuple[Candidate, ...] = ()
    skipped: Mapping[str, Skip] = field(default_factory=dict)
    unassignable: str | None = None
    turns: Mapping[str, Turns] = field(default_factory=dict)
    reps: Mapping[str, RepState] = field(default_factory=dict)


def needs(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> Needs:
    """What must be read to choose."""
    rule = _rule(lead, profile, rules, now)
    pool = _pool_of(lead, rule, rules)
    if pool is not None:
        return Needs((pool,), tuple(member.rep for member in rules.team.pool(pool).members))
    return Needs(reps=() if rule is None or rule.rep is None else (rule.rep,))


def choose(lead: Lead, profile: Profile, staffing: Staffing, rules: Rules, now: datetime) -> Choice:
    """The choice for `lead.wanted`. `staffing` holds what `needs` asked for."""
    rule = _rule(lead, profile, rules, now)
    pool_id = _pool_of(lead, rule, rules)
    if pool_id is not None:
        return _from_pool(lead, rule, rules.team.pool(pool_id), staffing, rules, now)
    if rule is None:
        return Choice(rule=FALLBACK, rep=rules.team.revops, unassignable="no_rule")
    if rule.rep is not None:
        return _named(lead, rule, rule.rep, staffing, rules, now)
    return Choice(rule=rule.id, queue=rule.queue, next_step=rule.next_step)


def _rule(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> RouteRule | None:
    return destination(view(lead, profile, rules), rules, now)


def _pool_of(lead: Lead, rule: RouteRule | None, rules: Rules) -> str | None:
    """Where a person wants it; after a breach, and when its owner leaves or passes it on, the pool that was
    responsible, unless the rules hand it over by now; otherwise the rule says."""
    known = {pool.id for pool in rules.team.pools}
    wished = None if lead.wanted is None else lead.wanted.pool
    if wished in known:
        return wished
    if reason(lead) in STAYS and lead.ownership.pool in known and not (rule is not None and rule.hand_off):
        return lead.ownership.pool
    return None if rule is None else rule.pool


def _from_pool(
    lead: Lead, rule: RouteRule | None, pool: Pool, staffing: Staffing, rules: Rules, now: datetime
) -> Choice:
    wanted = lead.wanted or Wanted(why="new", exclude=(), hop=lead.ownership.hop)
    asked = Question(now=now, exclude=wanted.exclude)
    found = tuple(
        judged(rules.team.rep(member.rep), staffing.rep(member.rep), asked, member.weight) for member in pool.members
    )
    rule_id, step = (rule.id, rule.next_step) if rule is not None else (FALLBACK, "Call")
    draw = Draw.of(lead, pool, found, staffing, rules.team, now)
    given = Choice(rule=rule_id, pool=pool.id, next_step=step, candidates=draw.candidates, skipped=skips(draw))
    if _hops(lead.ownership.previous, lead.ownership.rep) >= rules.routing.max_hops and wanted.why == "breach":
        return replace(given, rep=pool.manager, unassignable="hop_budget_spent")
    rep = by_turn(draw) if _has_waited(lead, pool) else next_rep(draw)
    if rep is not None:
        return replace(given, rep=rep, turns=draw.after(rep))
    if draw.free:
        return replace(given, waits="claim")
    if may_wait(lead, pool, draw.candidates, now):
        return replace(given, waits="backlog")
    return replace(given, rep=pool.manager, unassignable="waited_too_long" if lead.waits else "nobody_eligible")


def _has_waited(lead: Lead, pool: Pool) -> bool:
    """Who has waited in this pool is given out by turn: an offer to all of them is over, or came too late."""
    return lead.ownership.waits is not None and lead.ownership.pool == pool.id and pool.strategy == "claim"


def _named(lead: Lead, rule: RouteRule, rep: str, staffing: Staffing, rules: Rules, now: datetime) -> Choice:
    """The rep whom the rule names; when they may not take it, RevOps does, so that reassignment has an end."""
    asked = Question(now=now, exclude=() if lead.wanted is None else lead.wanted.exclude)
    found = judged(rules.team.rep(rep), staffing.rep(rep), asked)
    chosen = rep if found.failed is None else rules.team.revops
    return Choice(
        rule=rule.id,
        rep=chosen,
        next_step=rule.next_step,
        candidates=(found,),
        skipped={} if found.failed is None else {rep: Skip.of(found)},
        unassignable=found.failed,
    )


def _hops(previous: Sequence[str], rep: str | None) -> int:
    return len(previous) + (rep is not None)
