"""Business time against an independent brute force, on generated calendars around the days on which clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.business_time_oracle import Oracle
from tests.domain.test_business_time import DAYS, HOUR, calendar, utc

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
