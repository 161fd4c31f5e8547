"""Durations of the rules: what may be written, in which time they pass, and what a share of one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.clocks.calendar_spec import CalendarSpec, always
from leadrelay.domain.clocks.duration import ELAPSED, duration

WARSAW = ZoneInfo("Europe/Warsaw")
WEEKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu"), (("09:00", "12:00"), ("13:00", "17:00")))
SPEC = CalendarSpec.model_validate(
    {"tz": "Europe/Warsaw", "week": {**WEEKDAYS, "fri": [["09:00", "14:00"]]}, "holidays": ["2026-11-11"]}
)
HOURS = Calendar(SPEC)
INSTANTS = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("written", "start", "due"),
    [
        ("30s", "2026-11-06T23:00", "2026-11-06T23:00:30"),
        ("48h", "2026-11-06T16:00", "2026-11-08T16:00"),
        ("2d", "2026-11-06T16:00", "2026-11-08T16:00"),
        ("15bm", "2026-11-06T13:50", "2026-11-09T09:05"),
        ("90bs", "2026-11-09T11:59", "2026-11-09T13:00:30"),
        ("14bh", "2026-11-09T09:00", "2026-11-10T17:00"),
        ("1bd", "2026-11-09T10:30", "2026-11-10T10:30"),
        ("1bd", "2026-11-10T10:30", "2026-11-12T10:30"),  # the holiday between is no working day
        ("1bd", "2026-11-05T16:00", "2026-11-06T14:00"),  # on Fridays they go at two
        ("1bd", "2026-11-09T12:00", "2026-11-10T13:00"),  # noon is when the break begins, so the start is at one
        ("3bd", "2026-11-07T12:00", "2026-11-13T09:00"),  # Saturday counts from Monday's opening; Wednesday is closed
        ("1bd", "2026-11-09T06:00", "2026-11-10T09:00"),
        ("1bd", "2026-11-09T20:00", "2026-11-12T09:00"),
    ],
)
def test_when_a_duration_is_over(written: str, start: str, due: str) -> None:
    assert duration(written).after(at(start), HOURS) == at(due)


@pytest.mark.parametrize("written", ["48", "", "h", "0h", "-1h", "1.5h", "48 h", "48H", "48hb", "2w", "1bbh", "٤h"])
def test_what_is_no_duration(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration; write 15m, 48h or 2d"):
        duration(written)


@pytest.mark.parametrize("written", ["367d", "8785h", "999999999bs"])
def test_a_duration_has_an_end(written: str) -> None:
    with pytest.raises(ValueError, match="at most 366d"):
        duration(written)


@pytest.mark.parametrize(
    ("written", "calendar"), [("48h", ELAPSED), ("48bh", "warsaw"), ("2bd", "warsaw"), ("2d", ELAPSED)]
)
def test_in_which_calendar_it_is_counted(written: str, calendar: str) -> None:
    assert duration(written).calendar("warsaw") == calendar


@pytest.mark.parametrize("written", ["48h", "15bm", "2bd", "1d", "30bs"])
def test_it_is_written_as_it_was_read(written: str) -> None:
    assert str(duration(written)) == written


@given(start=INSTANTS, days=st.integers(1, 12))
def test_working_days_end_in_working_time_on_the_right_day(start: datetime, days: int) -> None:
    due = duration(f"{days}bd").after(start, HOURS)
    begun = HOURS.next_open(start)
    passed = {part.local_date for part in HOURS.trace_between(begun, due)}
    assert HOURS.trace_between(due - timedelta(seconds=1), due) or HOURS.is_open(due)
    assert HOURS.local_date(due) in {max(passed), HOURS.local_date(begun)} or HOURS.is_open(due)
    assert len({*passed, HOURS.local_date(due)}) == days + 1


@given(start=INSTANTS, later=st.integers(0, 10**6), days=st.integers(1, 5))
def test_who_starts_later_is_never_due_earlier(start: datetime, later: int, days: int) -> None:
    given_days = duration(f"{days}bd")
    assert given_days.after(start, HOURS) <= given_days.after(start + timedelta(seconds=later), HOURS)


@given(start=INSTANTS, days=st.integers(1, 40))
def test_where_nothing_is_ever_closed_a_working_day_is_a_day(start: datetime, days: int) -> None:
    assert duration(f"{days}bd").after(start, Calendar(always())) == start.replace(microsecond=0) + timedelta(days=days)


@given(
    start=INSTANTS,
    written=st.sampled_from(["1s", "15m", "48h", "2d", "5bm", "48bh", "1bd", "5bd", "7bs"]),
    shares=st.tuples(st.floats(0.01, 3), st.floats(0.01, 3)).map(sorted),
)
def test_shares_are_in_order_and_the_whole_is_the_deadline(start: datetime, written: str, shares: list[float]) -> None:
    whole = duration(written)
    less, more = (whole.share(share, start, HOURS) for share in shares)
    assert less <= more
    start = start.replace(microsecond=0)
    due = whole.after(start, HOURS)
    if whole.by_day:  # noon and one o'clock are the same instant of working time
        assert HOURS.between(whole.share(1, start, HOURS), due) == 0
    else:
        assert whole.share(1, start, HOURS) == due
    assert whole.share(0.75, start, HOURS) < due or whole.seconds == 1


def test_both_changes_of_the_clocks_leave_the_time_of_day() -> None:
    for friday, monday in (("2026-03-27T11:00", "2026-03-30T11:00"), ("2026-10-23T11:00", "2026-10-26T11:00")):
        assert duration("1bd").after(at(friday), HOURS) == at(monday)
