"""Business time: given examples, the days on which clocks change, and an independent brute force as judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

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
    spec = {"tz": "America/St_Johns", "week": {"sat": [["22:00", "24:00"]], "sun": [["00:00", "02:00"]]}}
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


# -- holidays and exceptions


NIGHTS = {day: [["22:00", "06:00"]] for day in DAYS}


def opened(subject: Calendar, begin: str, end: str) -> list[tuple[str, str]]:
    """The trace as local wall times."""
    zone = ZoneInfo("Europe/Warsaw")
    trace = subject.trace_between(utc(begin), utc(end))
    return [tuple(f"{at.astimezone(zone):%d %H:%M}" for at in (i.start, i.end)) for i in trace]  # type: ignore[misc]


def test_a_holiday_closes_its_whole_date_and_cuts_the_shift_that_reaches_into_it() -> None:
    subject = calendar("Europe/Warsaw", NIGHTS, holidays=["2026-11-11"])
    assert opened(subject, "2026-11-10T12:00:00+01:00", "2026-11-12T12:00:00+01:00") == [
        ("10 22:00", "11 00:00"),
        ("12 00:00", "12 06:00"),
    ]


def test_an_exception_replaces_its_date_and_the_shift_that_its_weekday_would_have_begun() -> None:
    subject = calendar("Europe/Warsaw", NIGHTS, exceptions={"2026-11-11": [["10:00", "12:00"], ["23:00", "01:00"]]})
    assert opened(subject, "2026-11-10T12:00:00+01:00", "2026-11-12T12:00:00+01:00") == [
        ("10 22:00", "11 00:00"),
        ("11 10:00", "11 12:00"),
        ("11 23:00", "12 00:00"),
        ("12 00:00", "12 01:00"),
    ]


def test_own_windows_on_a_holiday_win_and_no_windows_close() -> None:
    week = {"wed": [["09:00", "17:00"]], "thu": [["09:00", "17:00"]]}
    exceptions = {"2026-11-11": [["10:00", "13:00"]], "2026-11-12": []}
    subject = calendar("Europe/Warsaw", week, holidays=["2026-11-11"], exceptions=exceptions)
    assert opened(subject, "2026-11-11T00:00:00+01:00", "2026-11-13T00:00:00+01:00") == [("11 10:00", "11 13:00")]


def test_overlapping_windows_count_once() -> None:
    subject = calendar("Europe/Warsaw", {"mon": [["22:00", "08:00"]], "tue": [["06:00", "10:00"], ["09:00", "11:00"]]})
    assert subject.between(*local_day("Europe/Warsaw", date(2026, 11, 24))) == 11 * HOUR


def test_equal_start_and_end_is_a_day_round_and_midnight_can_be_an_end() -> None:
    subject = calendar("Europe/Warsaw", {"mon": [["09:00", "09:00"]], "fri": [["20:00", "00:00"]]})
    assert opened(subject, "2026-11-23T00:00:00+01:00", "2026-11-28T12:00:00+01:00") == [
        ("23 09:00", "24 00:00"),
        ("24 00:00", "24 09:00"),
        ("27 20:00", "28 00:00"),
    ]


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
    for ask in (lambda c: c.add(start, 60), lambda c: c.next_open(start), lambda c: c.trace_add(start, 60)):
        with pytest.raises(NoBusinessTime, match=r"400 days after 2026-11-24 \(UTC\)"):
            ask(wednesdays_shut(58))
    assert wednesdays_shut(58).between(start, start + timedelta(days=402)) == 0
    assert wednesdays_shut(58).add(start, 0) == start


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


# -- what a spec may not say


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tz": "Europe/Warszawa"}, "unknown time zone 'Europe/Warszawa'; did you mean 'Europe/Warsaw'?"),
        ({"tz": "Europe"}, "unknown time zone 'Europe'"),
        ({"tz": "../etc/passwd"}, "unknown time zone"),
        ({"tz": "\x00"}, "unknown time zone"),
        ({"tz": ""}, "unknown time zone ''; write an IANA name"),
        ({"week": {}}, "no open hours"),
        ({"week": {"mon": []}}, "no open hours"),
        ({"week": {"monday": [["09:00", "17:00"]]}}, "'mon', 'tue'"),
        ({"week": {"mon": [["9:00", "17:00"]]}}, "'9:00' is not a time of day"),
        ({"week": {"mon": [[540, 1020]]}}, '540 is not a time of day; write "HH:MM" in quotes'),
        ({"week": {"mon": [["09:00", "24:01"]]}}, "'24:01' is not a time of day"),
        ({"week": {"mon": [["09:00", "17:60"]]}}, "'17:60' is not a time of day"),
        ({"week": {"mon": [["24:00", "09:00"]]}}, "cannot start at"),
        ({"week": {"mon": [["09:00"]]}}, "Field required"),
        ({"holidays": ["2026-02-30"]}, "holidays.0"),
        ({"exceptions": {"2026-11-11": [["9", "10"]]}}, "'9' is not a time of day"),
        ({"zone": "UTC"}, "Extra inputs"),
    ],
)
def test_wrong_specs_say_what_to_write(change: Mapping[str, Any], message: str) -> None:
    good: dict[str, Any] = {"tz": "Europe/Warsaw", "week": {"mon": [["09:00", "17:00"]]}}
    assert CalendarSpec.model_validate(good)
    with pytest.raises(ValidationError) as refused:
        CalendarSpec.model_validate({**good, **change})
    assert message in str(refused.value)


# -- the judge

CHANGES = {
    "Europe/Warsaw": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
    "America/New_York": ("2026-03-08T07:00Z", "2026-11-01T06:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T15:00Z", "2026-10-03T15:30Z"),
    "Africa/Cairo": ("2026-04-23T22:00Z", "2026-10-29T21:00Z"),
    "America/Scoresbysund": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
    "Asia/Kathmandu": ("2028-02-29T00:00Z",),
    "America/St_Johns": ("2009-03-08T03:31Z", "2009-11-01T02:31Z"),
    "Pacific/Apia": ("2011-12-30T10:00Z",),
}
clock_changes = st.sampled_from([(tz, utc(at)) for tz, instants in CHANGES.items() for at in instants])
wall_times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 0, 0, 1, 15, 30, 45, 59]))
windows = st.lists(st.tuples(wall_times, st.one_of(wall_times, st.just("24:00"))), max_size=3)


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """A calendar and an instant within two days of a clock change of its zone."""
    tz, change = draw(clock_changes)
    near = [(change + timedelta(days=n)).date().isoformat() for n in range(-3, 4)]
    week = {day: draw(windows) for day in DAYS}
    week[draw(st.sampled_from(DAYS))].append((draw(wall_times), "24:00"))
    spec = {
        "tz": tz,
        "week": week,
        "holidays": draw(st.lists(st.sampled_from(near), max_size=2)),
        "exceptions": draw(st.dictionaries(st.sampled_from(near), windows, max_size=2)),
    }
    return spec, change + timedelta(seconds=draw(st.integers(-2 * 86_400, 2 * 86_400)))


spans = st.integers(0, 3 * 86_400)
judged = settings(max_examples=120, deadline=None, derandomize=True)


@judged
@given(situations(), st.integers(0, 12 * HOUR))
def test_deadlines_are_those_of_the_brute_force(situation: tuple[dict[str, Any], datetime], seconds: int) -> None:
    spec, start = situation
    subject, oracle = calendar(**spec), Oracle(spec, limit_days=9)
    expected = oracle.add(start, seconds)
    if expected is not None:
        assert subject.add(start, seconds) == expected
    else:
        assert subject.between(start, start + timedelta(days=9)) < seconds
    opening = oracle.next_open(start)
    assert opening is None or subject.next_open(start) == opening
    assert subject.is_open(start) == oracle.is_open(start)


@judged
@given(situations(), spans)
def test_durations_are_those_of_the_brute_force(situation: tuple[dict[str, Any], datetime], span: int) -> None:
    spec, start = situation
    end = start + timedelta(seconds=span)
    assert calendar(**spec).between(start, end) == Oracle(spec).between(start, end)


@settings(judged, max_examples=300)
@given(situations(), st.integers(0, 40 * HOUR), st.integers(0, 40 * HOUR), st.integers(0, 999_999))
def test_deadlines_and_durations_fit_together(
    situation: tuple[dict[str, Any], datetime], first: int, second: int, micros: int
) -> None:
    spec, whole = situation
    subject, start = calendar(**spec), whole + timedelta(microseconds=micros)
    due = subject.add(start, first)
    assert subject.between(start, due) == first
    assert subject.add(due, second) == subject.add(start, first + second)
    assert subject.between(due, start) == -first
    if first:
        assert subject.is_open(due - timedelta(seconds=1)), "the last second before a deadline is business time"


@settings(judged, max_examples=300)
@given(situations(), st.integers(1, 40 * HOUR))
def test_traces_add_up_and_name_the_right_local_dates(situation: tuple[dict[str, Any], datetime], seconds: int) -> None:
    spec, start = situation
    subject, zone = calendar(**spec), ZoneInfo(spec["tz"])
    due = subject.add(start, seconds)
    trace = subject.trace_add(start, seconds)
    assert trace == subject.trace_between(start, due) == subject.trace_between(due, start)
    assert sum(interval.seconds for interval in trace) == seconds
    assert trace[-1].end == due
    for interval in trace:
        assert interval.seconds == (interval.end - interval.start).total_seconds() > 0
        last_second = interval.end - timedelta(seconds=1)
        assert {at.astimezone(zone).date() for at in (interval.start, last_second)} == {interval.local_date}
    for earlier, later in pairwise(trace):
        assert earlier.end < later.start or (earlier.end == later.start and earlier.local_date != later.local_date)
