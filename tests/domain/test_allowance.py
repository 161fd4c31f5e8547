"""The monthly allowance: what the month promises is what it gives, in every calendar, and nobody is flooded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.business_time import Calendar, CalendarSpec, calendar_of
from leadrelay.domain.routing.allowance import LEAD, charged, refilled
from leadrelay.domain.routing.rep_state import Allowance, RepState
from tests.system import default_rules

DAY = [["09:00", "17:00"]]
WARSAW = default_rules().calendar("warsaw")

calendars = st.builds(
    lambda days, holidays, zone: calendar_of(
        CalendarSpec.model_validate({"tz": zone, "week": dict.fromkeys(days, DAY), "holidays": holidays})
    ),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=2),
    st.sets(st.integers(0, 365).map(lambda day: date(2026, 1, 1) + timedelta(days=day)), max_size=20),
    st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]),
)


def taken(month: int, monthly: int, hours: Calendar, state: RepState) -> tuple[int, RepState]:
    """Leads that a rep gets in a month of 2026 when there is always one more, asked for every six hours."""
    got, at = 0, datetime(2026, month, 1, tzinfo=UTC) - timedelta(days=1)
    while at < datetime(2026, month, 1, tzinfo=UTC) + timedelta(days=33):
        at += timedelta(hours=6)
        if hours.local_date(at).month != month:
            continue
        while refilled(state.allowance, monthly, hours, at).left >= LEAD:
            state = charged(state, monthly, hours, at)
            got += 1
    return got, state


@pytest.mark.parametrize("monthly", [14, 45])
def test_a_year_of_demand_gives_every_month_what_it_promises(monthly: int) -> None:
    state = RepState()
    for month in range(1, 13):
        got, state = taken(month, monthly, WARSAW, state)
        assert got == monthly, month


@settings(max_examples=60, deadline=None)
@given(calendars, st.integers(1, 120), st.integers(1, 11))
def test_any_two_months_of_any_calendar_give_what_they_promise(hours: Calendar, monthly: int, month: int) -> None:
    state = RepState()
    for number in (month, month + 1):
        works = any(hours.works_on(date(2026, number, day)) for day in range(1, 29))
        got, state = taken(number, monthly, hours, state)
        assert got == monthly or not works, number


def rim(monthly: int, hours: Calendar, at: datetime) -> int:
    """One lead and five working days of the month, in millionths."""
    day = hours.local_date(at)
    month = (day.replace(day=1) + timedelta(days=number) for number in range(31))
    worked = sum(hours.works_on(each) for each in month if each.month == day.month)
    return LEAD + 5 * -(-monthly * LEAD // max(1, worked))


@settings(max_examples=60, deadline=None)
@given(calendars, st.integers(1, 120), st.integers(0, 400), st.integers(0, 27))
def test_a_quiet_time_fills_the_bucket_to_its_rim_and_asking_changes_nothing(
    hours: Calendar, monthly: int, quiet: int, more: int
) -> None:
    begun = datetime(2026, 1, 10, 12, tzinfo=UTC)
    once = refilled(Allowance(left=0, at=begun), monthly, hours, begun + timedelta(days=quiet))
    assert 0 <= once.left <= rim(monthly, hours, once.at)
    later = once.at + timedelta(days=more)
    if hours.local_date(later).month == hours.local_date(once.at).month:
        straight = refilled(Allowance(left=0, at=begun), monthly, hours, later)
        assert refilled(once, monthly, hours, later).left == straight.left


def test_a_week_at_rest_is_a_weeks_worth_and_the_lead_that_was_waiting() -> None:
    empty = Allowance(left=0, at=datetime(2026, 11, 2, 12, tzinfo=UTC))
    full = refilled(empty, 42, WARSAW, datetime(2026, 11, 30, 12, tzinfo=UTC))
    daily = -(-42 * LEAD // 20)  # Poland works on twenty days of November 2026
    assert full.left == LEAD + 5 * daily
    assert refilled(empty, 42, WARSAW, datetime(2026, 11, 2, 22, tzinfo=UTC)).left == 0
    assert refilled(empty, 42, WARSAW, datetime(2026, 11, 2, 23, tzinfo=UTC)).left == 42 * LEAD // 20
    assert refilled(empty, 42, WARSAW, datetime(2026, 11, 8, 12, tzinfo=UTC)).left == 42 * 4 * LEAD // 20


def test_a_new_month_forgets_nothing_of_the_last_one() -> None:
    quiet = Allowance(left=0, at=datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert refilled(quiet, 42, WARSAW, datetime(2026, 12, 2, 12, tzinfo=UTC)).left == 11 * LEAD


def test_who_was_never_charged_begins_with_this_month() -> None:
    first, fourth = (refilled(None, 21, WARSAW, datetime(2026, 12, day, 12, tzinfo=UTC)) for day in (1, 4))
    assert (first.left, fourth.left) == (LEAD, 4 * LEAD)  # Poland works on 21 days of December 2026
