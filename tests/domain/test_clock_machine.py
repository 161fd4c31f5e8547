"""Clocks: warn once, breach once, end some day, and leave nobody without a next step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.clocks.contact import contacted
from leadrelay.domain.clocks.facts import SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.clocks.machine import due_kinds, fired
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules


def hot(at: datetime = NOW) -> Decision:
    """A hot lead with an owner whose clock runs."""
    decision = told(words(email="ada@example.com"), people.touch(at=at), at=at)
    people.given(decision)
    return decision


def ticked(decision: Decision, at: datetime) -> list[str]:
    """What is said at a tick."""
    decision.at, decision.facts = at, []
    tick(decision)
    return [fact.name() for fact in decision.facts]


def test_the_first_contact_is_due_in_five_minutes_and_warned_at_three_quarters() -> None:
    clock = hot().lead.clock("first_contact")
    assert clock is not None
    assert (clock.policy, clock.calendar, clock.hop) == ("hot", "warsaw", 1)
    assert clock.due_at - NOW == timedelta(minutes=5)
    assert clock.warn_at is not None
    assert clock.warn_at - NOW == timedelta(minutes=3, seconds=45)


def test_a_lead_of_friday_evening_is_due_on_monday_morning() -> None:
    friday = datetime(2026, 11, 20, 15, 58, tzinfo=UTC)  # 16:58 in Warsaw
    clock = hot(friday).lead.clock("first_contact")
    assert clock is not None
    assert clock.due_at == datetime(2026, 11, 23, 8, 3, tzinfo=UTC)


def fires(decision: Decision, at: datetime) -> list[str]:
    """What the contact clock says at a tick."""
    ticked(decision, at)
    found = [fact for fact in decision.facts if isinstance(fact, SlaWarned | SlaBreached)]
    return [fact.name() for fact in found if fact.kind == "first_contact"]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12).map(sorted))
def test_warned_and_breached_at_most_once_whatever_the_ticks(seconds: list[int]) -> None:
    decision = hot()
    said: list[str] = []
    for second in seconds:
        at = NOW + timedelta(seconds=second)
        said += fires(decision, at)
        assert fires(decision, at) == []
        assert decision.lead.next_step is not None
        assert decision.lead.due_at() is not None
    assert said.count("SlaBreached") == (seconds[-1] >= 300)
    assert said.count("SlaWarned") == any(225 <= second < 300 for second in seconds)


def test_a_breach_asks_for_somebody_else_and_says_how_late_it_was_found() -> None:
    decision = hot()
    names = ticked(decision, NOW + timedelta(minutes=7))
    people.looked(decision)
    breach = next(fact for fact in decision.facts if isinstance(fact, SlaBreached))
    needed = next(fact for fact in decision.facts if isinstance(fact, OwnerNeeded))
    assert (breach.late, breach.hop, needed.why, needed.exclude) == (120, 1, "breach", ("anna",))
    assert "SlaWarned" not in names
    assert decision.lead.clock("assignment") is not None


def test_the_last_resort_keeps_the_lead_and_a_next_step() -> None:
    decision = hot()
    at = NOW
    for _ in range(4):
        at += timedelta(minutes=6)
        ticked(decision, at)
        people.looked(decision)
        if decision.lead.wanted is not None:
            people.given(decision)
    assert decision.lead.ownership.rep == "nina"
    assert decision.lead.wanted is None
    assert decision.lead.running("first_contact") is None
    owed = decision.lead.clock("first_contact")
    assert owed is not None
    assert (owed.breached_at, owed.next_at) == (at, None)
    assert decision.lead.running("next_step") is not None
    for day in range(1, 10):
        names = ticked(decision, NOW + timedelta(days=day))
        assert "OwnerNeeded" not in names
        assert decision.lead.due_at() is not None


def test_a_hand_over_that_nobody_answered_yet_outlasts_a_breach() -> None:
    decision = hot()
    decision.say(OwnerNeeded(why="hand_off", hop=1))
    names = ticked(decision, NOW + timedelta(minutes=6))
    assert "SlaBreached" in names
    assert "OwnerNeeded" not in names
    assert decision.lead.wanted is not None
    assert decision.lead.wanted.why == "hand_off"


@pytest.mark.parametrize(("minutes", "in_time"), [(0, True), (5, True), (5.1, False), (60, False)])
def test_a_contact_meets_the_clock_in_time_or_late(minutes: float, in_time: bool) -> None:
    lead = hot().lead
    met = contacted(lead, default_rules(), NOW + timedelta(minutes=minutes))
    assert met is not None
    assert (met.in_time, met.lead_seconds, met.owner_seconds) == (in_time, int(minutes * 60), int(minutes * 60))


def test_without_a_clock_there_is_nothing_to_meet() -> None:
    assert contacted(Lead(lead_id="1"), default_rules(), NOW) is None


def test_nothing_fires_before_its_time() -> None:
    assert due_kinds(hot().lead, NOW + timedelta(seconds=224)) == ()
    assert list(fired(hot().lead, "first_contact", default_rules(), NOW + timedelta(seconds=224))) == []


def test_a_met_clock_never_fires() -> None:
    decision = hot()
    call = people.touch(2, form=None, at=NOW + timedelta(minutes=1)).with_(kind="activity", event="call")
    decision.at = NOW + timedelta(minutes=1)
    hear(understood(call, words(email="ada@example.com"), decision.rules, decision.at), decision)
    assert any(isinstance(fact, SlaMet) for fact in decision.facts)
    names = ticked(decision, NOW + timedelta(hours=1))
    assert not {"SlaWarned", "SlaBreached"} & set(names)
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Follow up"


def test_a_warning_tells_the_deadline() -> None:
    decision = hot()
    ticked(decision, NOW + timedelta(minutes=4))
    [warning] = [fact for fact in decision.facts if isinstance(fact, SlaWarned)]
    assert warning.due_at == NOW + timedelta(minutes=5)
