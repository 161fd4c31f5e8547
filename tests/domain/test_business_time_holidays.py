"""Holidays, dated exceptions, overnight and overlapping windows: which hours a local date has."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from leadrelay.domain.clocks.business_time import Calendar
from tests.domain.test_business_time import DAYS, HOUR, calendar, local_day, utc

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
