"""Reassignment has an end: whoever is there or away, and however the rules are set, a lead that nobody calls is the
manager's after a known number of owners."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.decide import settle, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Member
from leadrelay.domain.rules import Rules
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules

SDR = ("anna", "marek", "ivana", "tomasz", "milica", "sofia")


def rules_of(size: int, hops: int, last: int, *, best: bool) -> Rules:
    rules = default_rules()
    routing = rules.routing.with_(max_hops=hops, exclude_last=last, best_previous=best)
    members = tuple(Member(rep=rep) for rep in SDR[:size])
    pools = tuple(pool.with_(members=members) if pool.id == "sdr" else pool for pool in rules.team.pools)
    return Rules.of(rules.with_(routing=routing, team=rules.team.with_(pools=pools)))


def asked(rules: Rules) -> Decision:
    """A hot lead with its first owner."""
    decision = told(words(email="ada@example.com"), people.touch(at=NOW), rules, at=NOW)
    people.given(decision)
    return decision


def breached(decision: Decision, staffing: Staffing) -> None:
    """Nobody calls; whoever is there is asked."""
    clock = decision.lead.running("first_contact") or decision.lead.running("backlog")
    assert clock is not None
    decision.at = max(decision.at, clock.over_at)
    tick(decision)
    people.looked(decision)
    if decision.lead.wanted is not None:
        people.given(decision, staffing)


def staffed(away: frozenset[str], decision: Decision, paces: tuple[int | None, ...]) -> Staffing:
    gone = Absence(start=NOW, until=decision.at + timedelta(days=30))
    reps = {
        rep: RepState(absences=(gone,) if rep in away else (), response_seconds=pace)
        for rep, pace in zip(SDR, paces, strict=True)
    }
    return Staffing(reps=reps)


PACES = st.tuples(*[st.none() | st.integers(1, 600) for _ in SDR])


@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 6),
    st.booleans(),
    st.lists(st.frozensets(st.sampled_from(SDR)), min_size=40, max_size=40),
    PACES,
)
@settings(max_examples=80, deadline=None)
def test_every_lead_comes_to_its_end(
    size: int, hops: int, last: int, best: bool, away: list[frozenset[str]], paces: tuple[int | None, ...]
) -> None:
    decision = asked(rules_of(size, hops, last, best=best))
    had = [decision.lead.ownership.rep]
    for absent in away:
        if decision.lead.ownership.rep == "nina":
            break
        breached(decision, staffed(absent, decision, paces))
        had.append(decision.lead.ownership.rep)
    assert decision.lead.ownership.rep == "nina", "the manager has it in the end"
    owners = [rep for rep in had if rep not in (None, "nina")]
    assert len(owners) <= hops + (1 if best else 0)
    assert all(one != other for one, other in pairwise(had) if one is not None), "nobody gets it from themselves"
    if not best:
        window = [tuple(owners[max(0, place - last) : place]) for place in range(len(owners))]
        assert all(rep not in before for rep, before in zip(owners, window, strict=True)), "the last are not asked"
    tick(decision)
    settle("nothing_there", decision) if decision.lead.wanted is not None and decision.lead.wanted.doubted else None
    assert decision.lead.ownership.rep == "nina"


def spent(rules: Rules, paces: tuple[int | None, ...], away: frozenset[str] = frozenset()) -> Decision:
    decision = asked(rules)
    for _ in range(rules.routing.max_hops - 1):
        breached(decision, Staffing())
    breached(decision, staffed(away, decision, paces))
    return decision


def test_when_the_owners_are_spent_the_best_of_them_has_it_once_more_and_then_the_manager() -> None:
    decision = spent(rules_of(3, 3, 2, best=True), (90, 40, 60, None, None, None))
    first, second, third = decision.lead.ownership.previous
    best = min((first, second), key={"anna": 90, "marek": 40, "ivana": 60}.__getitem__)
    assert decision.lead.ownership.rep == best
    assert third != best
    assert decision.lead.ownership.asked_first == {best: "person"}
    breached(decision, Staffing())
    assert decision.lead.ownership.rep == "nina"


def test_without_a_word_in_the_rules_the_manager_has_it_at_once() -> None:
    decision = spent(rules_of(3, 3, 2, best=False), (90, 40, 60, None, None, None))
    assert decision.lead.ownership.rep == "nina"


def test_who_is_away_is_not_the_best() -> None:
    rules = rules_of(3, 3, 2, best=True)
    paces: tuple[int | None, ...] = (10, 20, 30, None, None, None)
    first = spent(rules, paces).lead.ownership.rep or ""
    assert spent(rules, paces, frozenset({first})).lead.ownership.rep not in (first, "nina")
    assert spent(rules, paces, frozenset(SDR)).lead.ownership.rep == "nina"


def test_of_two_in_a_pool_the_first_gets_it_back_when_nobody_else_may() -> None:
    decision = asked(rules_of(2, 5, 2, best=True))
    first = decision.lead.ownership.rep
    breached(decision, Staffing())
    second = decision.lead.ownership.rep
    breached(decision, Staffing())
    assert (decision.lead.ownership.rep, first != second) == (first, True)


@pytest.mark.parametrize("best", [True, False])
def test_the_choice_is_made_again_from_its_record(best: bool) -> None:
    rules = rules_of(3, 1, 2, best=best)
    decision = asked(rules)
    clock = decision.lead.running("first_contact")
    assert clock is not None
    decision.at = clock.over_at
    before = "anna" if decision.lead.ownership.rep == "marek" else "marek"
    decision.lead = decision.lead.with_(ownership=decision.lead.ownership.with_(previous=(before,)))
    tick(decision)
    people.looked(decision)
    staffing = staffed(frozenset(), decision, (90, 40, 60, None, None, None))
    choice = choose(decision.lead, decision.profile, staffing, rules, decision.at)
    kept = DecisionRecord.of(choice, decision.lead, staffing, rules, decision.at)
    again = choose(decision.lead, decision.profile, kept.staffing(), rules, decision.at)
    assert not kept.differs(DecisionRecord.of(again, decision.lead, kept.staffing(), rules, decision.at))


def test_nobody_gets_a_lead_from_themselves_however_quick_they_are() -> None:
    decision = asked(rules_of(2, 5, 2, best=True))
    first = decision.lead.ownership.rep or ""
    paces = tuple(1 if rep == first else 500 for rep in SDR)
    for _ in range(2):
        breached(decision, staffed(frozenset(), decision, paces))
    assert decision.lead.ownership.rep == first
    breached(decision, staffed(frozenset(), decision, paces))
    assert decision.lead.ownership.rep not in (first, "nina")
