"""Choosing: from "an owner is needed" to one rep or one named queue, with every candidate's verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from leadrelay.domain.account.evidence import AccountBy, account_by
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.candidate import Candidate, free
from leadrelay.domain.routing.destination import destination
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.eligibility import OFF_HOURS
from leadrelay.domain.routing.in_time import owes
from leadrelay.domain.routing.known_owner import Tie, known_owners, until
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.muster import Muster
from leadrelay.domain.routing.outside_hours import offers, with_the_sun
from leadrelay.domain.routing.policy import RouteRule, RoutingPolicy
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Needs, Staffing
from leadrelay.domain.routing.strategies import by_turn, next_rep
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.routing.waiting import IN_POOL, may_wait, reason
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view

FALLBACK = "fallback"
"""Stands where a rule's id would: no rule matched."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the lead: a rep, a queue, or nobody yet, and then it `waits` in its pool. `candidates` are all who were
    looked at, `skipped` those of them who would have come before. `unassignable` says why the fallback had to take it.
    `asked_first` are those who were asked before it was anybody's turn, with what ties them to the lead, and
    `account_by` how its account is known, where that mattered. `turns` and `reps` are the memory of pools and the state
    of reps afterwards, as far as the choice changes them."""

    rule: str
    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    waits: Literal["backlog", "claim"] | None = None
    next_step: str = "Call"
    candidates: tuple[Candidate, ...] = ()
    skipped: Mapping[str, Skip] = field(default_factory=dict)
    asked_first: Mapping[str, Tie] = field(default_factory=dict)
    account_by: AccountBy | None = None
    unassignable: str | None = None
    turns: Mapping[str, Turns] = field(default_factory=dict)
    reps: Mapping[str, RepState] = field(default_factory=dict)


def needs(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> Needs:
    """What must be read to choose."""
    rule = destination(view(lead, profile, rules), rules, now)
    pool = _pool_of(lead, rule, rules)
    if pool is None:
        return Needs(reps=() if rule is None or rule.rep is None else (rule.rep,))
    pools = with_the_sun(rules.team.pool(pool), rules.team)
    known = known_owners(lead, profile, rule, pools[0], rules.team)
    reps = dict.fromkeys((*(rep for each in pools for rep in each.reps), *known))
    return Needs(tuple(each.id for each in pools), tuple(reps))


def choose(lead: Lead, profile: Profile, staffing: Staffing, rules: Rules, now: datetime) -> Choice:
    """The choice for `lead.wanted`. `staffing` holds what `needs` asked for."""
    seen = view(lead, profile, rules)
    rule = destination(seen, rules, now)
    pool = _pool_of(lead, rule, rules)
    muster = Muster(lead, seen, rule if rule is not None and rule.pool == pool else None, staffing, rules, now)
    if pool is None:
        choice = _named(rule, muster)
    else:
        known = known_owners(lead, profile, rule, rules.team.pool(pool), rules.team, staffing.colleagues)
        choice = _from_pool(rule, rules.team.pool(pool), muster, known)
    by = account_by(profile, rules.fields) if choice.asked_first else None
    return replace(choice, candidates=muster.candidates, skipped=muster.skipped(choice.rep), account_by=by)


def _pool_of(lead: Lead, rule: RouteRule | None, rules: Rules) -> str | None:
    """Where a person wants it; after a breach, when its owner leaves or passes it on, and for who asks again while the
    owner is not there, the pool that was responsible, unless the rules hand it over by now; otherwise the rule says."""
    known = {pool.id for pool in rules.team.pools}
    wished = None if lead.wanted is None else lead.wanted.pool
    if wished in known:
        return wished
    if reason(lead) in IN_POOL and lead.ownership.pool in known and not (rule is not None and rule.hand_off):
        return lead.ownership.pool
    return None if rule is None else rule.pool


def _from_pool(rule: RouteRule | None, pool: Pool, muster: Muster, known: Mapping[str, Tie]) -> Choice:
    """Whose it is before it is anybody's turn, else whose turn it is."""
    lead, rules = muster.lead, muster.rules
    choice = Choice(
        rule=FALLBACK if rule is None else rule.id, pool=pool.id, next_step="Call" if rule is None else rule.next_step
    )
    if _is_spent(lead, pool, rules.routing):
        muster.draw(pool, free(muster.of(pool)))
        manager = replace(choice, rep=pool.manager, unassignable="hop_budget_spent")
        return _once_more(choice, pool, muster) or manager
    if muster.holder is not None and not owes(lead, muster.now):
        return replace(choice, rep=muster.holder)
    taker = next(iter(free(muster.first(pool, known))), None)
    if taker is not None and taker == muster.holder:
        return replace(choice, rep=taker)
    if taker is not None:
        turns, asked_first = muster.theirs(pool, taker), until(known, taker)
        return replace(choice, rep=taker, asked_first=asked_first, turns=turns, reps=muster.charged(taker))
    return _unless_sooner(_by_turn(replace(choice, asked_first=known), pool, muster), muster)


def _unless_sooner(choice: Choice, muster: Muster) -> Choice:
    """Who has the lead already and fails nothing but the hours keeps it, where nobody else would call sooner: that is
    no turn of theirs."""
    verdicts = {each.rep: each for each in muster.candidates}
    holder, taker = verdicts.get(muster.holder or ""), verdicts.get(choice.rep or "")
    if holder is None or holder.late is None or choice.waits == "claim":
        return choice
    other = None if taker is holder or choice.unassignable is not None else taker
    if other is not None and (other.late or 0) < holder.late:
        return choice
    return replace(choice, rep=holder.rep, waits=None, unassignable=None, turns={}, reps={})


def _by_turn(choice: Choice, pool: Pool, muster: Muster) -> Choice:
    """Whose turn it is, in this pool or in one that is asked after it. When nobody can be in time, it still is theirs
    who were asked first, unless another is sooner there."""
    lead = muster.lead
    for each, asked in offers(with_the_sun(pool, muster.rules.team), muster.of):
        draw = muster.draw(each, asked)
        theirs = next((rep for rep in choice.asked_first if rep in asked), None)
        rep = theirs or (by_turn(draw) if _is_past_offering(lead, draw) else next_rep(draw))
        if rep is not None:
            turns, asked_first = draw.after(rep, by_turn=theirs is None), until(choice.asked_first, theirs)
            given = replace(choice, rep=rep, pool=each.id, asked_first=asked_first)
            return replace(given, turns=turns, reps=muster.charged(rep))
        if draw.free:
            return replace(choice, pool=each.id, waits="claim")
    again = _once_more(choice, pool, muster)
    if again is not None:
        return again
    if may_wait(lead, pool, muster.candidates, muster.now):
        return replace(choice, waits="backlog")
    return replace(choice, rep=pool.manager, unassignable="waited_too_long" if lead.waits else "nobody_eligible")


def _is_past_offering(lead: Lead, draw: Draw) -> bool:
    """Who has waited in this pool is given out by turn: an offer to all of them is over, or came too late. And to
    people who are not at work nothing is offered."""
    owner, pool = lead.ownership, draw.pool
    has_waited = owner.waits is not None and owner.pool == pool.id
    asleep = any(each.failed == OFF_HOURS for each in draw.candidates if each.rep in draw.free)
    return pool.strategy == "claim" and (has_waited or asleep)


def _named(rule: RouteRule | None, muster: Muster) -> Choice:
    """Where no pool is asked: the queue or the rep whom the rule names, in their own hours. When the rep may not take
    it, RevOps does, so that reassignment has an end; and where no rule holds."""
    revops = muster.rules.team.revops
    if rule is None:
        return Choice(rule=FALLBACK, rep=revops, unassignable="no_rule")
    choice = Choice(rule=rule.id, rep=rule.rep, queue=rule.queue, next_step=rule.next_step)
    if rule.rep is None:
        return choice
    found = muster.one(rule.rep)
    if found.failed is None or found.late is not None:
        return replace(choice, reps=muster.charged(rule.rep))
    return replace(choice, rep=revops, unassignable=found.failed)


def _is_spent(lead: Lead, pool: Pool, policy: RoutingPolicy) -> bool:
    """Whether enough people of the pool had it, and lost it or passed it on: each begins a new contact clock, so that
    without an end it could go round for ever. What the manager passes on is the pool's once more."""
    goes_round = lead.wanted is not None and lead.wanted.why in ("breach", "passed")
    return goes_round and lead.ownership.rep != pool.manager and _holders(lead, pool) >= policy.max_hops


def _holders(lead: Lead, pool: Pool) -> int:
    """How often somebody of the pool had it."""
    return sum(rep in pool.reps for rep in (*lead.ownership.previous, lead.ownership.rep))


def _once_more(choice: Choice, pool: Pool, muster: Muster) -> Choice | None:
    """After a breach, the best of those who had it before, where the rules want that; None where there is none. It has
    an end: one owner more than a lead may have otherwise."""
    lead, policy = muster.lead, muster.rules.routing
    breached = lead.wanted is not None and lead.wanted.why == "breach"
    if not (policy.best_previous and breached) or _holders(lead, pool) > policy.max_hops:
        return None
    best = next(iter(muster.before(pool)), None)
    if best is None:
        return None
    turns = muster.theirs(pool, best)
    return replace(choice, rep=best, asked_first={best: "person"}, turns=turns, reps=muster.charged(best))
