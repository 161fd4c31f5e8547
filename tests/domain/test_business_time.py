"""Business time: given examples, the days on which clocks change, and an independent brute force as judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadrelay.domain.clocks.business_time import (
    LONGEST_TARGET_SECONDS,
    Calendar,
    CalendarSpec,
    NoBusinessTime,
    always,
    calendar_of,
)
from tests.domain.business_time_oracle import Oracle

VECTORS = json.loads((Path(__file__).parent / "vectors" / "business_time.json").read_text())
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR = 3_600


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def calendar(tz: str, week: Mapping[str, Any], **more: Any) -> Calendar:
    return calendar_of(CalendarSpec.model_validate({"tz": tz, "week": week, **more}))


def round_the_clock(tz: str) -> Calendar:
    return calendar(tz, {day: [["00:00", "24:00"]] for day in DAYS})


def local_day(tz: str, day: date) -> tuple[datetime, datetime]:
    """The first instants of a local date and of the next one."""
    midnights = (datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(tz)) for d in (day, day + timedelta(days=1)))
    begin, end = (midnight.astimezone(UTC) for midnight in midnights)
    return begin, end


# -- the next day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-23T07:59:59Z", "2026-11-23"),
        ("2026-11-23T08:00:00Z", "2026-11-24"),  # it has begun
        ("2026-11-23T12:30:00Z", "2026-11-24"),  # a break is not the night
        ("2026-11-27T18:00:00Z", "2026-11-30"),
    ],
)
def test_the_next_day_is_one_that_has_not_begun(at: str, day: str) -> None:
    week = {name: [["08:00", "12:00"], ["13:00", "16:00"]] for name in DAYS[:5]}
    assert calendar("UTC", week).next_day(utc(at)) == date.fromisoformat(day)


def test_the_next_day_is_not_sought_for_ever() -> None:
    shut = calendar(
        "UTC",
        {"mon": [["08:00", "12:00"]]},
        holidays=[f"{date(2026, 11, 23) + timedelta(days=7 * n)}" for n in range(60)],
    )
    with pytest.raises(NoBusinessTime, match="400 days after 2026-11-23"):
        shut.next_day(utc("2026-11-23T07:00:00Z"))


# -- given examples


@pytest.mark.parametrize("case", VECTORS["add"], ids=lambda case: case["note"])
def test_given_deadlines(case: Mapping[str, Any]) -> None:
    subject = calendar(**VECTORS["calendars"][case["calendar"]])
    due = subject.add(utc(case["start_utc"]), case["minutes"] * 60)
    assert due == utc(case["due_utc"])
    assert due.utcoffset() == timedelta()


@pytest.mark.parametrize("case", VECTORS["between"], ids=lambda case: f"{case['calendar']} {case['start_utc']}")
def test_given_durations(case: Mapping[str, Any]) -> None:
    subject = calendar(**VECTORS["calendars"][case["calendar"]])
    begin, end = utc(case["start_utc"]), utc(case["end_utc"])
    assert subject.between(begin, end) == case["business_minutes"] * 60
    assert subject.between(end, begin) == -case["business_minutes"] * 60


def test_the_brute_force_agrees_with_the_given_deadlines() -> None:
    for case in VECTORS["add"]:
        oracle = Oracle(VECTORS["calendars"][case["calendar"]])
        assert oracle.add(utc(case["start_utc"]), case["minutes"] * 60) == utc(case["due_utc"]), case["note"]


# -- days on which clocks change


@pytest.mark.parametrize(
    ("tz", "day", "hours"),
    [
        ("Europe/Warsaw", date(2026, 3, 29), 23),
        ("Europe/Warsaw", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Cairo", date(2026, 10, 29), 25),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Europe/Warsaw", date(2028, 2, 29), 24),
    ],
)
def test_a_whole_local_day_has_its_elapsed_hours(tz: str, day: date, hours: float) -> None:
    begin, end = local_day(tz, day)
    subject = round_the_clock(tz)
    assert subject.between(begin, end) == hours * HOUR
    dates = [interval.local_date for interval in subject.trace_between(begin, end)]
    assert dates == ([day] if hours else [])


def test_a_window_edge_inside_a_repeated_hour_follows_the_wall_clock() -> None:
    """Warsaw reads 02:00-03:00 twice on 2026-10-25: 01:30-02:30 is open, shut for 30 minutes, open for 30 again."""
    subject = calendar("Europe/Warsaw", {"sun": [["01:30", "02:30"]]})
    trace = subject.trace_between(*local_day("Europe/Warsaw", date(2026, 10, 25)))
    spans = [(interval.start, interval.end, interval.seconds) for interval in trace]
    assert spans == [
        (utc("2026-10-24T23:30:00Z"), utc("2026-10-25T00:30:00Z"), 3_600),
        (utc("2026-10-25T01:00:00Z"), utc("2026-10-25T01:30:00Z"), 1_800),
    ]


def test_a_window_inside_a_skipped_hour_has_no_time() -> None:
    subject = calendar("Europe/Warsaw", {"sun": [["02:15", "02:45"]]})
    assert subject.between(*local_day("Europe/Warsaw", date(2026, 3, 29))) == 0
    assert subject.next_open(utc("2026-03-28T12:00:00Z")) == utc("2026-04-05T00:15:00Z")


def test_clocks_going_back_over_midnight_read_a_date_again_after_the_next() -> None:
    """St. John's went from 00:01 back to 23:01 the day before on 2009-11-01; the judge walks every minute of it."""
    spec: dict[str, Any] = {
        "tz": "America/St_Johns",
        "week": {"sat": [["22:00", "24:00"]], "sun": [["00:00", "02:00"]]},
    }
    subject, oracle = calendar(**spec), Oracle(spec)
    start = utc("2009-11-01T00:30:00Z")
    dates = [i.local_date.day for i in subject.trace_between(start, start + timedelta(hours=8))]
    assert dates == [31, 1, 31, 1]
    for seconds in range(60, 5 * HOUR, 613):
        assert subject.add(start, seconds) == oracle.add(start, seconds)
    for end in range(0, 8 * 60, 7):
        until = start + timedelta(minutes=end)
        assert subject.between(start, until) == oracle.between(start, until)


def test_a_shift_over_the_leap_day() -> None:
    subject = calendar("Europe/Warsaw", {"mon": [["22:00", "06:00"]], "tue": [["09:00", "10:00"]]})
    assert subject.add(utc("2028-02-28T22:00:00Z"), 8 * HOUR) == utc("2028-02-29T09:00:00Z")


# -- instants, limits, cache


def test_instants_are_floored_to_the_second() -> None:
    subject = calendar("Europe/Warsaw", {"mon": [["09:00", "17:00"]]})
    start = utc("2026-11-23T09:00:00.999999Z")
    assert subject.add(start, 60) == utc("2026-11-23T09:01:00Z")
    assert subject.between(start, utc("2026-11-23T09:00:01.000001Z")) == 1
    assert subject.add(start, 0) == subject.next_open(start) == utc("2026-11-23T09:00:00Z")
    before_1970 = utc("1969-12-29T09:00:00.5Z")
    assert subject.add(before_1970, 1) == utc("1969-12-29T09:00:01Z")


def test_opening_is_inside_and_closing_is_outside() -> None:
    subject = calendar("Europe/Warsaw", {"mon": [["09:00", "17:00"]]})
    assert subject.is_open(utc("2026-11-23T08:00:00Z"))
    assert not subject.is_open(utc("2026-11-23T07:59:59.999Z"))
    assert subject.is_open(utc("2026-11-23T15:59:59.999Z"))
    assert not subject.is_open(utc("2026-11-23T16:00:00Z"))
    assert subject.next_open(utc("2026-11-23T16:00:00Z")) == utc("2026-11-30T08:00:00Z")


def wednesdays_shut(weeks: int) -> Calendar:
    first = date(2026, 11, 25)
    return calendar("UTC", {"wed": [["10:00", "11:00"]]}, holidays=[first + timedelta(weeks=n) for n in range(weeks)])


def test_a_year_without_an_opening_is_waited_for_but_not_more_than_400_days() -> None:
    start = utc("2026-11-24T00:00:00Z")
    assert wednesdays_shut(57).add(start, 60) == utc("2027-12-29T10:01:00Z")
    shut = wednesdays_shut(58)
    with pytest.raises(NoBusinessTime, match=r"400 days after 2026-11-24 \(UTC\)"):
        shut.add(start, 60)
    with pytest.raises(NoBusinessTime):
        shut.trace_add(start, 60)
    with pytest.raises(NoBusinessTime):
        shut.next_open(start)
    assert shut.between(start, start + timedelta(days=402)) == 0
    assert shut.add(start, 0) == start


def test_days_without_an_opening_are_counted_anew_after_each_opening() -> None:
    start = utc("2026-11-23T00:00:00Z")
    assert calendar("UTC", {"mon": [["00:00", "00:01"]]}).add(start, 100 * 60) == start + timedelta(weeks=99, minutes=1)


def test_the_end_of_the_calendar_is_an_answer_too() -> None:
    with pytest.raises(NoBusinessTime):
        calendar_of(always()).add(utc("9999-12-01T00:00:00Z"), 40 * 86_400)


@pytest.mark.parametrize("seconds", [-1, LONGEST_TARGET_SECONDS + 1])
def test_impossible_targets_are_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="business seconds"):
        calendar_of(always()).add(utc("2026-11-23T00:00:00Z"), seconds)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        calendar_of(always()).is_open(datetime(2026, 11, 23))  # noqa: DTZ001


def test_equal_specs_share_one_calendar_and_one_days_work() -> None:
    spec = VECTORS["calendars"]["warsaw"]
    one, same = CalendarSpec.model_validate(spec), CalendarSpec.model_validate_json(json.dumps(spec))
    assert one == same
    assert calendar_of(one) is calendar_of(same)
    assert calendar_of(one) is not calendar_of(one.model_copy(update={"tz": "Europe/Paris"}))
    assert CalendarSpec.model_validate_json(one.model_dump_json()) == one


def test_always_is_elapsed_time() -> None:
    start = utc("2026-02-28T23:50:00Z")
    assert calendar_of(always()).add(start, 900) == start + timedelta(seconds=900)
    assert calendar_of(always()).between(start, start + timedelta(days=400)) == 400 * 86_400
