from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.rulebook.editing import RULES

CALENDARS = RULES / "calendars.yaml"
OFFICE = {
    "tz": "Europe/Warsaw",
    "week": {"mon": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]},
    "holidays": ["2026-03-09"],
}

Written = Callable[[str, object], Path]


def test_a_deadline_with_its_trace(run: Run) -> None:
    start = ("--start", "2026-03-06T15:58:00Z")
    ran = run("sla", "due", "--calendar", CALENDARS, "--name", "warsaw", *start, "--minutes", "5", "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == {
        "due_utc": "2026-03-09T08:03:00+00:00",
        "business_minutes": 5,
        "trace": [
            {
                "start": "2026-03-06T15:58:00+00:00",
                "end": "2026-03-06T16:00:00+00:00",
                "seconds": 120,
                "date": "2026-03-06",
            },
            {
                "start": "2026-03-09T08:00:00+00:00",
                "end": "2026-03-09T08:03:00+00:00",
                "seconds": 180,
                "date": "2026-03-09",
            },
        ],
    }


def test_a_country_closes_its_holidays(run: Run) -> None:
    good_friday = ("--start", "2026-04-10T09:00:00+02:00", "--minutes", "1", "--json")
    open_that_day = run("sla", "due", "--calendar", CALENDARS, "--name", "warsaw", *good_friday)
    closed_that_day = run("sla", "due", "--calendar", CALENDARS, "--name", "belgrade", *good_friday)
    assert json.loads(open_that_day.out)["due_utc"] == "2026-04-10T07:01:00+00:00"
    assert json.loads(closed_that_day.out)["due_utc"] == "2026-04-14T07:01:00+00:00"


def test_a_calendar_of_its_own_and_the_time_between(run: Run, written: Written) -> None:
    calendar = written("office.json", OFFICE)
    ends = ("--start", "2026-03-06T16:00:00+01:00", "--end", "2026-03-13T10:00:00+01:00")
    ran = run("sla", "between", "--calendar", calendar, *ends, "--json")
    assert json.loads(ran.out)["business_minutes"] == 120
    assert run("sla", "between", "--calendar", calendar, *ends).out.startswith("120 business minutes")


def test_a_deadline_for_people(run: Run, written: Written) -> None:
    calendar = written("office.json", OFFICE)
    ran = run("sla", "due", "--calendar", calendar, "--start", "2026-03-06T16:59:00+01:00", "--seconds", "90")
    assert (
        ran.out.splitlines()[0] == "due Fri 2026-03-13 09:00:30 CET (2026-03-13T08:00:30+00:00): 1.5 business minutes"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--start", "2026-03-06T15:58:00", "--minutes", "5"], 2, "has no zone"),
        (["--start", "soon", "--minutes", "5"], 2, "is no ISO time"),
        (["--start", "2026-03-06T15:58:00Z"], 2, "give either --minutes or --seconds"),
        (
            ["--start", "2026-03-06T15:58:00Z", "--minutes", "5", "--seconds", "5"],
            2,
            "give either --minutes or --seconds",
        ),
        (["--start", "2026-03-06T15:58:00Z", "--minutes", "-5"], 2, "Invalid value for '--minutes'"),
        (["--start", "2026-03-06T15:58:00Z", "--seconds", "999999999999"], 1, "a target is 0 to"),
        (["--start", "2026-03-06T15:58:00Z", "--minutes", "5", "--name", "warsav"], 1, "did you mean 'warsaw'?"),
    ],
)
def test_what_cannot_be_counted_says_why(run: Run, arguments: list[str], code: int, said: str) -> None:
    named = [] if "--name" in arguments else ["--name", "warsaw"]
    ran = run("sla", "due", "--calendar", CALENDARS, *named, *arguments)
    assert ran.code == code
    assert said in ran.said


def test_a_calendar_with_a_fault_is_refused_with_its_place(run: Run, written: Written) -> None:
    calendar = written("office.yaml", 'tz: Europe/Warsaw\nweek:\n  mon: [["9", "17:00"]]\n')
    ran = run("sla", "due", "--calendar", calendar, "--start", "2026-03-06T15:58:00Z", "--minutes", "5")
    assert ran.code == 1
    assert f"{calendar}:3:10: '9' is not a time of day" in ran.err
