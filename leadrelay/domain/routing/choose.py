"""Choosing: from "an owner is needed" to one rep or one named queue, with every candidate's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.lead import Lead, Wanted
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.destination import destination
from leadrelay.domain.routing.eligibility import verdict, verdicts
from leadrelay.domain.routing.fairness import Turns, next_turn, seated, taken
from leadrelay.domain.routing.policy import Pool, RouteRule
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view

FALLBACK = "fallback"
"""Stands where a rule's id would: no rule matched."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead. `turns` is the pool's memory afterwards, None when no turn was taken. `verdicts` gives each
    candidate's first failing test (None: eligible). `unassignable` says why the fallback had to take it."""

    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    next_step: str = "Call"
    turns: Turns | None = None
    verdicts: dict[str, str | None] | None = None
    unassignable: str | None = None


def pool_asked(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> str | None:
    """The pool whose memory is needed to choose, or None when no pool is asked."""
    rule = _rule(lead, profile, rules, now)
    return _pool_of(lead, rule, rules)


def choose(lead: Lead, profile: Profile, turns: Turns, rules: Rules, now: datetime) -> Choice:
    """The choice for `lead.wanted`. `turns` is the memory of `pool_asked`; it is ignored when no pool is asked."""
    rule = _rule(lead, profile, rules, now)
    pool_id = _pool_of(lead, rule, rules)
    if pool_id is not None:
        return _from_pool(lead, rule, rules.team.pool(pool_id), turns, rules)
    if rule is None:
        return Choice(rule=FALLBACK, rep=rules.team.revops, unassignable="no_rule")
    if rule.rep is not None:
        return _named(lead, rule, rule.rep, rules)
    return Choice(rule=rule.id, queue=rule.queue, next_step=rule.next_step)


def _rule(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> RouteRule | None:
    return destination(view(lead, profile, rules), rules, now)


def _pool_of(lead: Lead, rule: RouteRule | None, rules: Rules) -> str | None:
    """After a breach the lead stays in the pool that was responsible, unless the rules hand it over by now; otherwise
    the rule says."""
    known = {pool.id for pool in rules.team.pools}
    breached = lead.wanted is not None and lead.wanted.why == "breach"
    if breached and lead.ownership.pool in known and not (rule is not None and rule.hand_off):
        return lead.ownership.pool
    return None if rule is None else rule.pool


def _from_pool(lead: Lead, rule: RouteRule | None, pool: Pool, turns: Turns, rules: Rules) -> Choice:
    wanted = lead.wanted or Wanted(why="new", exclude=(), hop=lead.ownership.hop)
    found = verdicts(pool, rules.team, wanted.exclude)
    rule_id, step = (rule.id, rule.next_step) if rule is not None else (FALLBACK, "Call")
    if _hops(lead.ownership.previous, lead.ownership.rep) >= rules.routing.max_hops and wanted.why == "breach":
        return _manager(pool, rule_id, step, found, "hop_budget_spent")
    turns = seated(turns, pool)
    rep = next_turn(turns, pool, [rep for rep, failed in found.items() if failed is None])
    if rep is None:
        return _manager(pool, rule_id, step, found, "nobody_eligible")
    return Choice(rule=rule_id, rep=rep, pool=pool.id, next_step=step, turns=taken(turns, rep), verdicts=found)


def _named(lead: Lead, rule: RouteRule, rep: str, rules: Rules) -> Choice:
    """The rep whom the rule names; when they may not take it, RevOps does, so that reassignment has an end."""
    failed = verdict(rules.team.rep(rep), () if lead.wanted is None else lead.wanted.exclude)
    chosen = rep if failed is None else rules.team.revops
    return Choice(rule=rule.id, rep=chosen, next_step=rule.next_step, verdicts={rep: failed}, unassignable=failed)


def _hops(previous: Sequence[str], rep: str | None) -> int:
    return len(previous) + (rep is not None)


def _manager(pool: Pool, rule: str, step: str, found: dict[str, str | None], why: str) -> Choice:
    return Choice(rule=rule, rep=pool.manager, pool=pool.id, next_step=step, verdicts=found, unassignable=why)
