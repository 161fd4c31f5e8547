"""A requested call: the time they gave is the deadline, in whatever form and zone they gave it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.clocks.callback import CALLBACK, Callback, acceptable, working_instant
from leadrelay.domain.clocks.facts import SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.clocks.policy import CallbackPolicy
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.person.moment import moment
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules

WARSAW = "Europe/Warsaw"
RULES = default_rules()
HOURS = RULES.calendar("warsaw")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T14:30:00Z", "2026-11-24T14:30"),
        ("2026-11-24T14:30:00+02:00", "2026-11-24T12:30"),
        ("2026-11-24 14:30", "2026-11-24T13:30"),
        (" 24.11.2026   14:30 ", "2026-11-24T13:30"),
        ("24. 11. 2026. 9:05", "2026-11-24T08:05"),
        ("24.11.2026, 09:05", "2026-11-24T08:05"),
        ("tomorrow 10:00", "2026-11-24T09:00"),
        ("Jutro o 10:00", "2026-11-24T09:00"),
        ("sutra u 10:00", "2026-11-24T09:00"),
        ("morgen um 10:00", "2026-11-24T09:00"),
        ("heute 16:00", "2026-11-23T15:00"),
        ("2026-03-29 02:30", "2026-03-29T01:30"),
        ("2026-10-25 02:30", "2026-10-25T00:30"),
    ],
)
def test_only_forms_with_one_meaning_are_read(text: str, expected: str) -> None:
    assert moment(text, WARSAW, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "in the afternoon", "2026-11-24", "11/24/2026 14:30", "32.11.2026 10:00", "24.11.2026 25:00", "jutro", "14:30",
     "someday 10:00", "9999-12-31T23:59:59-23:00", "2026-11-24 14:30 or later"],
)  # fmt: skip
def test_everything_else_is_left_to_the_rep(text: str) -> None:
    assert moment(text, WARSAW, NOW) is None


def test_a_country_of_many_zones_needs_the_offset() -> None:
    assert moment("2026-11-24 14:30", None, NOW) is None
    assert moment("2026-11-24 14:30-05:00", None, NOW) == datetime(2026, 11, 24, 19, 30, tzinfo=UTC)


@given(st.text(max_size=40))
def test_no_text_makes_it_fall_over(text: str) -> None:
    found = moment(text, WARSAW, NOW)
    assert found is None or found.tzinfo is UTC


def asked(text: str, number: int = 1, at: datetime = NOW, form: str = "contact", **more: str) -> Heard:
    said = words(email="ada@example.com", **{"callback time": text}, **more)
    return understood(people.touch(number, form, at), said, RULES, at)


def test_the_zone_is_that_of_the_persons_country() -> None:
    assert asked("2026-11-24 14:30", country="United Kingdom").callback == Callback(
        at=datetime(2026, 11, 24, 14, 30, tzinfo=UTC), asked_at=NOW, touch_id=people.touch(1).touch_id
    )
    assert asked("2026-11-24 14:30", country="USA").callback is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("in the afternoon", "callback time: in the afternoon"),
        ("2026-11-20 10:00", "callback time: 2026-11-20 09:00 UTC (not promised: the time had passed)"),
        ("2027-01-20 10:00", "callback time: 2027-01-20 09:00 UTC (not promised: more than 30 days ahead)"),
    ],
)
def test_what_cannot_be_promised_stands_in_the_message_with_the_reason(text: str, line: str) -> None:
    heard = asked(text, message="Call me")
    assert heard.callback is None
    assert heard.values["lead.message"] == f"Call me\n{line}"
    assert "lead.callback_at" not in heard.values


def test_the_limits_are_exact() -> None:
    policy = CallbackPolicy(days=30)
    assert acceptable(NOW, NOW, policy) is not None
    assert acceptable(NOW + timedelta(seconds=1), NOW, policy) is None
    assert acceptable(NOW + timedelta(days=30), NOW, policy) is None
    assert acceptable(NOW + timedelta(days=30, seconds=1), NOW, policy) is not None


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-24T13:30", "2026-11-24T13:30"),  # in working time
        ("2026-11-24T17:00", "2026-11-24T16:00"),  # 18:00: before they leave
        ("2026-11-25T06:00", "2026-11-25T08:00"),  # 07:00: when they come
        ("2026-11-28T09:00", "2026-11-27T16:00"),  # Saturday: Friday evening
        ("2026-11-29T18:00", "2026-11-30T08:00"),  # Sunday evening: Monday morning
    ],
)
def test_it_is_due_then_or_at_the_nearest_working_instant(at: str, due: str) -> None:
    assert working_instant(day(at), HOURS, NOW) == day(due)


def test_never_at_a_working_instant_that_has_passed() -> None:
    evening = day("2026-11-24T16:30")  # 17:30, asked for at 17:10
    assert working_instant(evening, HOURS, day("2026-11-24T16:10")) == day("2026-11-25T08:00")


@given(st.integers(60, 29 * 86_400), st.integers(0, 7 * 86_400))
def test_the_deadline_is_ahead_and_in_working_time(ahead: int, start: int) -> None:
    now = NOW + timedelta(seconds=start)
    due = working_instant(now + timedelta(seconds=ahead), HOURS, now)
    assert due >= now
    assert HOURS.is_open(due) or HOURS.is_open(due - timedelta(seconds=1))


def owned(text: str = "2026-11-24 14:30", form: str = "contact") -> Decision:
    """A lead that asked for a call and has an owner."""
    said = words(email="ada@example.com", **{"callback time": text})
    decision = told(said, people.touch(form=form))
    people.given(decision)
    return decision


def later(decision: Decision, at: datetime) -> Decision:
    decision.at, decision.facts = at, []
    return decision


def test_the_clock_is_due_then_warns_before_it_and_is_met_by_a_call_a_minute_late() -> None:
    decision = owned()
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert (clock.policy, clock.due_at, clock.warn_at) == (CALLBACK, day("2026-11-24T13:30"), day("2026-11-24T13:15"))
    assert decision.lead.next_step is not None
    assert (decision.lead.next_step.what, decision.lead.next_step.due_at) == ("Call back 24 Nov 14:30", clock.due_at)
    tick(later(decision, day("2026-11-24T13:15")))
    assert any(isinstance(fact, SlaWarned) for fact in decision.facts)
    tick(later(decision, day("2026-11-24T13:34")))
    assert not any(isinstance(fact, SlaBreached) for fact in decision.facts)
    called = people.touch(2, at=day("2026-11-24T13:31")).with_(kind="activity", event="call")
    hear(understood(called, words(), RULES, called.occurred_at), later(decision, called.occurred_at))
    [met] = [fact for fact in decision.facts if isinstance(fact, SlaMet)]
    assert met.in_time
    assert decision.lead.callback is not None
    assert decision.lead.callback.served


def test_nobody_called_breaches_after_the_grace_and_the_next_owner_has_the_usual_time() -> None:
    decision = owned()
    tick(later(decision, day("2026-11-24T13:35")))
    assert any(isinstance(fact, SlaBreached) for fact in decision.facts)
    people.given(decision)
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert clock.policy != CALLBACK


def test_a_new_time_replaces_the_old_one_and_an_older_request_that_comes_late_does_not() -> None:
    decision = owned()
    hear(asked("2026-11-25 10:00", 2, NOW + timedelta(minutes=9)), later(decision, NOW + timedelta(minutes=9)))
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert clock.due_at == day("2026-11-25T09:00")
    hear(asked("2026-11-26 10:00", 3, NOW - timedelta(hours=1)), later(decision, NOW + timedelta(minutes=10)))
    assert decision.lead.clock("first_contact") == clock


@given(st.permutations([("2026-11-25 10:00", 1), ("2026-11-26 10:00", 2), ("2026-11-27 10:00", 3)]))
def test_the_newest_request_counts_in_any_order(requests: list[tuple[str, int]]) -> None:
    lead = Lead(lead_id="0" * 32)
    decision = Decision(lead, told(words()).profile, RULES, NOW + timedelta(hours=1))
    for text, number in requests:
        hear(asked(text, number, NOW + timedelta(minutes=number)), decision)
    assert decision.lead.callback is not None
    assert decision.lead.callback.at == day("2026-11-27T09:00")
    assert fold(lead, [(fact, decision.at) for fact in decision.facts]) == decision.lead


def test_who_only_asks_for_a_call_is_given_to_a_person() -> None:
    decision = owned(form="newsletter")
    assert decision.lead.ownership.rule == "callback"
    assert decision.lead.ownership.rep is not None


def test_a_contact_before_it_was_asked_for_serves_nothing() -> None:
    callback = Callback(at=NOW + timedelta(days=1), asked_at=NOW, touch_id="t")
    assert not callback.after_contact(NOW - timedelta(minutes=1)).served
    assert callback.after_contact(NOW + timedelta(minutes=1)).served
    assert not callback.after_contact(NOW + timedelta(minutes=1)).waits(NOW)


def test_a_merge_keeps_the_newest_request() -> None:
    old = Callback(at=NOW + timedelta(days=1), asked_at=NOW, touch_id="a")
    new = Callback(at=NOW + timedelta(days=2), asked_at=NOW + timedelta(minutes=1), touch_id="a")
    assert new.replaces(old)
    assert not old.replaces(new)
    assert not old.replaces(old)
