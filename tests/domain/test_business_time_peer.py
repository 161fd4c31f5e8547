"""Business time against workclock, a library with an engine of its own.

The two mean the same but in one point: a window that begins or ends within an hour which daylight saving skips or
repeats. workclock moves such an edge to one instant, as calendars of appointments do; here every second asks its wall
clock, as the brute force does, which judges that point. So windows have no such edges here. workclock knows no
exceptions of single dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from workclock import Holidays, Schedule, WorkDay

from tests.domain.test_business_time import DAYS, HOUR, VECTORS, calendar, utc
from tests.domain.test_business_time_judged import CHANGES

MINUTE = timedelta(minutes=1)
ZONES = {
    **CHANGES,
    "Asia/Beirut": ("2026-03-28T22:00Z", "2026-10-24T21:00Z"),
    "America/Havana": ("2026-03-08T05:00Z", "2026-11-01T05:00Z"),
    "Asia/Kolkata": ("2026-03-29T00:00Z",),
    "Australia/Adelaide": ("2026-04-04T16:30Z", "2026-10-03T16:30Z"),
    "Pacific/Chatham": ("2026-04-04T14:00Z", "2026-09-26T14:00Z"),
}
"""Also zones whose clocks change at midnight, and those half an hour or 45 minutes apart from the others."""

clock_changes = st.sampled_from([(tz, utc(at)) for tz, instants in ZONES.items() for at in instants])
wall_times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 0, 0, 15, 30, 45, 59]))
windows = st.lists(st.tuples(wall_times, st.one_of(wall_times, st.just("24:00"))), max_size=4)
"""Up to four a day, overlapping, overnight and around the clock among them."""


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """A calendar and an instant within three days of a clock change of its zone."""
    tz, change = draw(clock_changes)
    near = [(change + timedelta(days=n)).date().isoformat() for n in range(-3, 5)]
    week = {day: draw(windows) for day in DAYS}
    week[draw(st.sampled_from(DAYS))].append((draw(wall_times), draw(wall_times)))
    spec = {"tz": tz, "week": week, "holidays": draw(st.lists(st.sampled_from(near), max_size=3))}
    around = [change.date() + timedelta(days=n) for n in range(-5, 6)]
    assume(not any(is_torn(edge, ZoneInfo(tz)) for day in around for edge in edges(spec, day)))
    return spec, change + timedelta(seconds=draw(st.integers(-3 * 86_400, 3 * 86_400)))


def edges(spec: dict[str, Any], day: date) -> Iterator[datetime]:
    """Where its windows begin and end on a date, in wall time; holidays begin at midnight."""
    yield datetime.combine(day, time())
    for window in (each for windows in spec["week"].values() for each in windows):
        for wall in window:
            yield datetime.combine(day, at(wall))


def is_torn(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether a wall time is within an hour that is skipped or repeated; its beginning is one instant all the same."""
    here = wall.replace(tzinfo=zone)
    return all((each.utcoffset() != each.replace(fold=1).utcoffset()) for each in (here, here - MINUTE))


def at(wall: str) -> time:
    return time() if wall == "24:00" else time.fromisoformat(wall)


def schedule(spec: dict[str, Any]) -> Schedule:
    """The same calendar in the words of workclock."""
    hours = [
        WorkDay(at(opens), at(closes), days=[number])
        for number, day in enumerate(DAYS)
        for opens, closes in spec["week"].get(day, ())
    ]
    closed = Holidays([date.fromisoformat(day) for day in spec["holidays"]])
    return Schedule([*hours, closed], time_zone=spec["tz"])


peers = settings(max_examples=400, deadline=None, derandomize=True)


@peers
@given(calendars(), st.integers(0, 60 * HOUR))
def test_deadlines_are_those_of_the_peer(situation: tuple[dict[str, Any], datetime], seconds: int) -> None:
    spec, start = situation
    assert calendar(**spec).add(start, seconds) == schedule(spec).add(start, timedelta(seconds=seconds))


@peers
@given(calendars(), st.integers(-9 * 86_400, 9 * 86_400))
def test_durations_are_those_of_the_peer(situation: tuple[dict[str, Any], datetime], span: int) -> None:
    spec, start = situation
    end = start + timedelta(seconds=span)
    assert timedelta(seconds=calendar(**spec).between(start, end)) == schedule(spec).between(start, end)


@peers
@given(calendars())
def test_openings_are_those_of_the_peer(situation: tuple[dict[str, Any], datetime]) -> None:
    spec, start = situation
    assert calendar(**spec).next_open(start) == schedule(spec).next_period(start)[0].astimezone(UTC)


@pytest.mark.parametrize("case", VECTORS["add"], ids=lambda case: case["note"])
def test_the_peer_agrees_with_the_given_deadlines(case: dict[str, Any]) -> None:
    theirs = schedule(VECTORS["calendars"][case["calendar"]])
    assert theirs.add(utc(case["start_utc"]), timedelta(minutes=case["minutes"])) == utc(case["due_utc"])


def test_an_edge_in_a_repeated_hour_is_where_the_two_differ() -> None:
    """Warsaw reads 02:00 to 03:00 twice on 2026-10-25. Of a window until 02:30 we count both halves, workclock one."""
    spec = {"tz": "Europe/Warsaw", "week": {"sun": [("01:30", "02:30")]}, "holidays": []}
    begin, end = utc("2026-10-24T22:00Z"), utc("2026-10-25T12:00Z")
    assert calendar(**spec).between(begin, end) == 90 * 60
    assert schedule(spec).between(begin, end) == timedelta(minutes=60)
