"""Who lets leads lie: away for a while by the clocks, back by any contact, and never for what others told."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.policy import SilentPolicy
from leadrelay.domain.facts import Fact
from leadrelay.domain.routing.absences import told
from leadrelay.domain.routing.facts import BreachConfirmed, LeadAssigned
from leadrelay.domain.routing.rep_facts import RepAway, RepBack
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.silence import concerns, reacts
from leadrelay.domain.stages.facts import ContactAttempted
from tests.domain.people import NOW

POLICY = SilentPolicy(breaches=3, within_hours=2, away_minutes=90)
MISSED = BreachConfirmed(hop=1, looked="nothing_there")


def after(state: RepState, fact: Fact, at: datetime) -> tuple[RepState, tuple[Fact, ...]]:
    return reacts("anna", state, [fact], POLICY, at)


def missed(*minutes: int) -> tuple[RepState, list[Fact]]:
    state, said = RepState(), list[Fact]()
    for minute in minutes:
        state, more = after(state, MISSED, NOW + timedelta(minutes=minute))
        said += more
    return state, said


def call(at: datetime) -> ContactAttempted:
    return ContactAttempted(channel="call", made_at=at)


def test_the_third_breach_within_two_hours_sets_them_away() -> None:
    assert missed(0, 30)[1] == []
    state, said = missed(0, 30, 119)
    at = NOW + timedelta(minutes=119)
    assert said == [RepAway(rep="anna", start=at, until=at + timedelta(minutes=90), by="clock")]
    assert state.away(at) is not None
    assert state.away(at + timedelta(minutes=90)) is None, "it has an end of its own"
    assert state.silent == (), "and then they begin anew"


def test_breaches_far_apart_are_no_silence() -> None:
    assert missed(0, 60, 120, 180, 240)[1] == []
    assert len(missed(0, 60, 119)[1]) == 1


def test_a_contact_is_a_sign_of_life() -> None:
    state, _ = missed(0, 30)
    at = NOW + timedelta(minutes=40)
    state, said = after(state, call(at), at)
    assert (state.silent, said) == ((), ())
    assert after(state, MISSED, at + timedelta(minutes=5))[1] == ()


def test_who_reaches_somebody_is_back_at_once() -> None:
    state, _ = missed(0, 30, 60)
    at = NOW + timedelta(minutes=61)
    state, said = after(state, call(at), at)
    assert said == (RepBack(rep="anna", by="clock"),)
    assert state.away(at) is None


def test_a_leave_that_a_person_told_is_no_silence_and_no_call_ends_it() -> None:
    leave = Absence(start=NOW, until=NOW + timedelta(days=5))
    state = told(RepState(), leave, NOW)
    for minute in range(5):
        state, said = after(state, MISSED, NOW + timedelta(minutes=minute))
        assert said == ()
    assert state.silent == ()
    state, said = after(state, call(NOW), NOW)
    assert (state.away(NOW), said) == (leave, ())


def test_what_is_of_no_concern() -> None:
    assigned = LeadAssigned(hop=1, why="new", rule="hot", rep="anna")
    assert not concerns([assigned])
    assert reacts("anna", RepState(), [assigned], POLICY, NOW) == (RepState(), ())


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 90)), max_size=40))
@settings(deadline=None)
def test_nobody_is_set_away_twice_at_once_and_never_for_fewer_breaches(steps: list[tuple[bool, int]]) -> None:
    """Held against a plain account of the breaches since the last sign of life."""
    state, at, lately = RepState(), NOW, list[datetime]()
    until: datetime | None = None
    for reached, minutes in steps:
        at += timedelta(minutes=minutes)
        away = until is not None and at < until
        state, said = after(state, call(at) if reached else MISSED, at)
        if reached:
            assert [type(fact) for fact in said] == ([RepBack] if away else [])
            lately, until = [], None
        elif away:
            assert said == ()
        else:
            lately = [then for then in lately if then > at - timedelta(hours=2)] + [at]
            assert [type(fact) for fact in said] == ([RepAway] if len(lately) >= 3 else [])
            if said:
                lately, until = [], at + timedelta(minutes=90)
        assert (state.away(at) is not None) == (until is not None and at < until)
