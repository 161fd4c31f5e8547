from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.rulebook.editing import RULES

CALENDARS = RULES / "calendars.yaml"
GIVEN = Path(__file__).parents[1] / "domain" / "vectors" / "business_time.json"
VECTORS = json.loads(GIVEN.read_text())
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


@pytest.mark.parametrize("case", VECTORS["add"], ids=lambda case: case["note"])
def test_given_deadlines(run: Run, case: Mapping[str, Any]) -> None:
    asked = ("--calendar", GIVEN, "--name", case["calendar"], "--start", case["start_local"])
    ran = json.loads(run("sla", "due", *asked, "--minutes", str(case["minutes"]), "--json").out)
    assert (ran["due_utc"], ran["business_minutes"]) == (case["due_utc"], case["minutes"])
    assert sum(part["seconds"] for part in ran["trace"]) == 60 * case["minutes"]


@pytest.mark.parametrize("case", VECTORS["between"], ids=lambda case: f"{case['calendar']} {case['start_utc']}")
def test_given_durations(run: Run, case: Mapping[str, Any]) -> None:
    asked = ("--calendar", GIVEN, "--name", case["calendar"], "--start", case["start_utc"], "--end", case["end_utc"])
    assert json.loads(run("sla", "between", *asked, "--json").out)["business_minutes"] == case["business_minutes"]


@pytest.mark.parametrize(
    "around",
    [
        lambda named: {"calendars": named},
        lambda named: named,
        lambda named: {"calendars": named, "add": [{"minutes": 5}]},
    ],
)
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_one_of_several_calendars(run: Run, written: Written, around: Callable[[object], object], ending: str) -> None:
    named = {"office": OFFICE, "lisbon": {"tz": "Europe/Lisbon", "week": {"wed": [["10:00", "11:00"]]}}}
    calendar = written(f"several.{ending}", around(named))
    arguments = ("--calendar", calendar, "--start", "2026-03-06T12:00:00Z", "--minutes", "5", "--json")
    assert json.loads(run("sla", "due", "--name", "lisbon", *arguments).out)["due_utc"] == "2026-03-11T10:05:00+00:00"
    unnamed = run("sla", "due", *arguments)
    assert unnamed.code == 1
    assert "say which calendar with --name: office, lisbon" in unnamed.err


def test_a_fault_in_one_of_several_calendars_has_its_place(run: Run, written: Written) -> None:
    calendar = written("several.yaml", "office:\n  tz: Europe/Warsaw\n  week:\n    monday: []\n")
    ran = run("sla", "due", "--calendar", calendar, "--start", "2026-03-06T12:00:00Z", "--minutes", "5")
    assert f"{calendar}:4:5: 'monday' is not one of" in ran.err


def test_holidays_are_known_for_all_the_years_that_are_counted(run: Run, written: Written) -> None:
    """2035-05-01 is a Tuesday, Labour Day; 2035-05-03 a Thursday, Constitution Day."""
    days = ("mon", "tue", "wed", "thu", "fri")
    week = {day: [["09:00", "17:00"]] for day in days}
    poland = written("poland.json", {"tz": "Europe/Warsaw", "country": "PL", "week": week})
    stretch = ("--start", "2026-01-01T00:00:00Z", "--end", "2035-05-03T22:00:00Z", "--json")
    trace = json.loads(run("sla", "between", "--calendar", poland, *stretch).out)["trace"]
    assert [part["date"] for part in trace[-2:]] == ["2035-04-30", "2035-05-02"]
    target = str(sum(part["seconds"] for part in trace) // 60 + 1)
    due = run("sla", "due", "--calendar", poland, *stretch[:2], "--minutes", target, "--json")
    assert json.loads(due.out)["due_utc"] == "2035-05-04T07:01:00+00:00"


@pytest.mark.parametrize(
    ("begin", "said"),
    [("9999-12-31T23:59:59Z", "beyond the years"), ("0001-01-01T00:00:00+05:00", "beyond the years")],
)
def test_the_ends_of_the_calendar_are_said(run: Run, written: Written, begin: str, said: str) -> None:
    calendar = written("office.json", OFFICE)
    counted = run("sla", "due", "--calendar", calendar, "--start", begin, "--minutes", "5")
    spanned = run("sla", "between", "--calendar", calendar, "--start", "2026-01-01T00:00:00Z", "--end", begin)
    assert said in " ".join(counted.said.replace("│", " ").split())
    assert said in " ".join(spanned.said.replace("│", " ").split())


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
