"""Pauses: a clock stands still while the status says so, keeps what was left, and says nothing meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.facts import ClockPaused, ClockResumed, SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.clocks.keeping import keep
from leadrelay.domain.clocks.machine import fired
from leadrelay.domain.clocks.policy import CalendarsPolicy, SlaPolicy
from leadrelay.domain.clocks.timing import spent
from leadrelay.domain.decide import hear, judge, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import fold
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import StatusChanged
from tests.domain import people
from tests.domain.people import NOW, given, told
from tests.domain.test_adopt import HOT
from tests.domain.test_callback import owned as asked_for_a_call
from tests.system import default_rules


def pausing(statuses: tuple[str, ...] = ("no_decision",), **more: object) -> Rules:
    """The rules as they ship, with statuses that pause, and no promise after the first contact."""
    rules, later = default_rules(), ("acceptance", "attempts", "follow_up", "disposition", "stage")
    none = dict.fromkeys(later, ())
    sla = {**rules.sla.model_dump(by_alias=True), **none, "pause_statuses": statuses, **more}
    return Rules.of(rules.with_(sla=SlaPolicy.model_validate(sla)))


def owned(rules: Rules | None = None) -> Decision:
    """A hot lead whose owner has five minutes, from Monday noon on."""
    decision = told(HOT, rules=rules or pausing())
    given(decision)
    return decision


def after(decision: Decision, **passed: float) -> Decision:
    decision.at, decision.facts = NOW + timedelta(**passed), []
    return decision


def set_status(decision: Decision, status: str, **passed: float) -> None:
    """A rep sets it in the CRM."""
    after(decision, **passed)
    decision.say(StatusChanged(before=decision.lead.status, after=status, why="crm"))
    judge(decision)


def said(decision: Decision, **passed: float) -> list[str]:
    """What the contact clock says when it is looked at."""
    tick(after(decision, **passed))
    found = [fact for fact in decision.facts if isinstance(fact, SlaWarned | SlaBreached)]
    return [fact.name() for fact in found if fact.kind == "first_contact"]


def test_it_says_nothing_while_it_stands_still_and_goes_on_with_what_was_left() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert clock.pause is not None
    assert (clock.pause.left, clock.pause.ahead, clock.spent, clock.next_at) == (180, {"warn": 105}, 120, None)
    assert [said(decision, minutes=minute) for minute in (4, 6, 60)] == [[], [], []]
    set_status(decision, "attempting", hours=1)
    [resumed] = [fact for fact in decision.facts if isinstance(fact, ClockResumed)]
    assert resumed.due_at == NOW + timedelta(hours=1, minutes=3)
    assert said(decision, hours=1, seconds=104) == []
    assert said(decision, hours=1, seconds=105) == ["SlaWarned"]
    assert said(decision, hours=1, minutes=2, seconds=59) == []
    assert said(decision, hours=1, minutes=3) == ["SlaBreached"]


def test_who_looks_at_a_clock_that_stands_still_finds_nothing_to_say() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    assert list(fired(decision.lead, "first_contact", decision.rules, NOW + timedelta(hours=1))) == []


def test_nobody_is_forgotten_meanwhile() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    assert decision.lead.running("first_contact") is None
    step = decision.lead.running("next_step")
    assert step is not None
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.due_at == step.due_at
    assert decision.lead.running("lead") is not None
    set_status(decision, "attempting", minutes=10)
    contact = decision.lead.running("first_contact")
    assert contact is not None
    assert (decision.lead.running("next_step"), decision.lead.next_step.due_at) == (None, contact.due_at)


def test_who_asks_again_meanwhile_is_owed_an_answer_at_once() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    asked = NOW + timedelta(hours=1)
    hear(understood(people.touch(2, at=asked), HOT, decision.rules, asked), after(decision, hours=1))
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert clock.due_at == asked + timedelta(minutes=5)
    assert [fact.notice for fact in decision.facts if isinstance(fact, NoticeNeeded)] == ["new_request"]
    assert said(decision, hours=1, minutes=5) == ["SlaBreached"]


def test_a_pause_is_said_once() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    assert [fact.name() for fact in decision.facts].count("ClockPaused") == 1
    keep(after(decision, minutes=3))
    assert decision.facts == []


def test_what_was_over_already_is_a_breach_and_no_pause() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=6)
    assert not any(isinstance(fact, ClockPaused) for fact in decision.facts)
    assert said(decision, minutes=7) == ["SlaBreached"]


def call(decision: Decision, **passed: float) -> SlaMet:
    at = NOW + timedelta(**passed)
    decision.at, decision.facts = at, []
    touch = people.touch(9, form=None, at=at).with_(kind="activity", event="call")
    hear(understood(touch, HOT, decision.rules, at), decision)
    [met] = [fact for fact in decision.facts if isinstance(fact, SlaMet) and fact.kind == "first_contact"]
    return met


def test_a_contact_in_the_pause_is_in_time_and_the_pause_is_not_counted() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    met = call(decision, hours=2)
    assert (met.in_time, met.owner_seconds) == (True, 120)


def test_a_contact_after_the_pause_counts_the_time_on_both_sides_of_it() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    set_status(decision, "attempting", hours=1)
    met = call(decision, hours=1, minutes=2)
    assert (met.in_time, met.owner_seconds) == (True, 240)


def test_who_asks_again_is_not_put_off() -> None:
    decision = owned()
    call(decision, minutes=1)
    set_status(decision, "no_decision", minutes=2)
    at = NOW + timedelta(minutes=30)
    decision.at, decision.facts = at, []
    hear(understood(people.touch(7, at=at), HOT, decision.rules, at), decision)
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert clock.started_at == at


def test_a_status_that_does_not_pause_any_more_lets_go() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    decision.rules = pausing(())
    assert said(decision, hours=1) == []
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert clock.due_at == NOW + timedelta(hours=1, minutes=3)


def test_what_is_left_outlasts_another_policy_and_another_calendar() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    rules = pausing(first_contact=[{"id": "hot", "if": "True", "minutes": 90}])
    decision.rules = in_hours(rules, week={"tue": [["20:00", "20:02"], ["21:00", "22:00"]]})
    set_status(decision, "attempting", minutes=30)
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert clock.due_at == datetime(2026, 11, 24, 20, 1, tzinfo=UTC)  # two minutes at eight, the third after nine
    assert call(decision, days=1, hours=9, minutes=1).owner_seconds == 300


def in_hours(rules: Rules, **changes: object) -> Rules:
    """With other working hours for who works in Warsaw."""
    calendars = rules.model_dump(by_alias=True)["calendars"]["calendars"]
    calendars["warsaw"] |= {"holidays": [], "exceptions": {}, **changes}
    return Rules.of(rules.with_(calendars=CalendarsPolicy.model_validate({"calendars": calendars})))


def test_a_calendar_without_hours_ends_the_clock_all_the_same() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    decision.rules = in_hours(decision.rules, holidays=[NOW.date() + timedelta(days=day) for day in range(800)])
    set_status(decision, "attempting", hours=1)
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert clock.due_at == NOW + timedelta(hours=1, minutes=3)


def test_a_call_at_their_own_time_is_not_put_off() -> None:
    decision = asked_for_a_call()
    decision.rules = pausing()
    before = decision.lead.running("first_contact")
    assert before is not None
    assert before.policy == CALLBACK
    set_status(decision, "no_decision", minutes=2)
    assert decision.lead.running("first_contact") == before


def test_the_pause_of_a_former_owner_does_not_hold_up_the_next() -> None:
    decision = owned()
    set_status(decision, "no_decision", minutes=2)
    after(decision, minutes=3)
    handed_on(decision, "passed")
    given(decision)
    clock = decision.lead.running("first_contact")
    assert clock is not None
    assert (clock.hop, clock.pause, clock.started_at) == (2, None, decision.at)


@settings(deadline=None, max_examples=60)
@every(st.lists(st.integers(1, 140), min_size=1, max_size=8))
def test_however_often_it_stands_still_the_time_between_counts_and_no_other(stretches: list[int]) -> None:
    decision, facts = owned(), list[tuple[Fact, datetime]]()
    start, counted, moment = decision.lead, 0, 0
    for number, stretch in enumerate(stretches):
        moment += stretch
        runs = number % 2 == 0
        if runs and counted + stretch >= 300:
            assert said(decision, seconds=moment - stretch + 299 - counted) in ([], ["SlaWarned"])
            assert "SlaBreached" in said(decision, seconds=moment - stretch + 300 - counted)
            return
        counted += stretch if runs else 0
        set_status(decision, "no_decision" if runs else "attempting", seconds=moment)
        facts += [(fact, decision.at) for fact in decision.facts]
    assert fold(start, facts).clocks == decision.lead.clocks
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert spent(clock, decision.rules, decision.at) == counted
    left = clock.pause.left if clock.pause is not None else (clock.due_at - decision.at).total_seconds()
    assert left == 300 - counted
