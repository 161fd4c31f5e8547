"""A deadline is explained from the very time that was counted, and as briefly as it can be said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.deadline import deadline, their_zone, told
from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.clocks.callback import CALLBACK, Callback
from leadrelay.domain.clocks.clock import Clock, ClockKind, Pause
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.policy import CalendarsPolicy
from leadrelay.domain.clocks.reckoning import Closed, Gap, reckoned
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from tests.domain import people
from tests.domain.business_time_oracle import Oracle
from tests.domain.test_business_time import HOUR, utc
from tests.domain.test_business_time_judged import judged, situations
from tests.system import default_rules

LEAD = Lead(lead_id="0" * 32)
HOME = ZoneInfo("Europe/Warsaw")


def rules_with(**calendars: dict[str, Any]) -> Rules:
    """The default rules, and these calendars."""
    written = {name: CalendarSpec.model_validate(spec) for name, spec in calendars.items()}
    known = default_rules()
    return known.with_(calendars=CalendarsPolicy(calendars={**known.calendars.calendars, **written}))


def clock(
    started: str,
    minutes: int,
    rules: Rules | None = None,
    calendar: str = "warsaw",
    kind: ClockKind = "first_contact",
    policy: str = "hot",
) -> Clock:
    """A clock with so many minutes of this calendar."""
    start = utc(started)
    counted = (rules or default_rules()).calendar(calendar).add(start, 60 * minutes) if calendar != ELAPSED else None
    due = counted or start + timedelta(minutes=minutes)
    return Clock(kind=kind, hop=1, policy=policy, calendar=calendar, started_at=start, due_at=due)


@pytest.mark.parametrize(
    ("started", "minutes", "says"),
    [
        ("2026-11-23T11:00+01:00", 5, "Mon 23 Nov 11:05 Warsaw: 5 business minutes"),
        ("2026-11-23T11:00+01:00", 1, "Mon 23 Nov 11:01 Warsaw: 1 business minute"),
        ("2026-11-23T11:00+01:00", 90, "Mon 23 Nov 12:30 Warsaw: 90 business minutes"),
        ("2026-11-23T11:00+01:00", 180, "Mon 23 Nov 14:00 Warsaw: 3 business hours"),
        ("2026-11-20T16:58+01:00", 5, "Mon 23 Nov 09:03 Warsaw: 5 business minutes; Sat–Sun closed"),
        ("2026-11-21T16:58+01:00", 5, "Mon 23 Nov 09:05 Warsaw: 5 business minutes; Sat–Sun closed"),
        ("2026-11-22T23:59+01:00", 5, "Mon 23 Nov 09:05 Warsaw: 5 business minutes; Sun closed"),
        ("2026-11-17T16:58+01:00", 5, "Wed 18 Nov 09:03 Warsaw: 5 business minutes; closed 17:00–09:00"),
        ("2026-11-17T17:00+01:00", 5, "Wed 18 Nov 09:05 Warsaw: 5 business minutes; opens 09:00"),
        ("2026-11-18T08:00+01:00", 5, "Wed 18 Nov 09:05 Warsaw: 5 business minutes; opens 09:00"),
        ("2026-11-10T16:55+01:00", 15, "Thu 12 Nov 09:10 Warsaw: 15 business minutes; holiday Wed 11 Nov"),
        (
            "2026-12-23T16:55+01:00",
            15,
            "Mon 28 Dec 09:10 Warsaw: 15 business minutes; holiday Thu 24 Dec–Fri 25 Dec; Sat–Sun closed",
        ),
        ("2026-11-17T12:00+01:00", 48 * 60, "Wed 25 Nov 12:00 Warsaw: 48 business hours; Sat–Sun closed"),
        ("2026-11-17T12:00+01:00", 96 * 60, "Thu 3 Dec 12:00 Warsaw: 96 business hours; Sat–Sun closed"),
        ("2026-11-24T12:00+01:00", 9 * 60, "Wed 25 Nov 13:00 Warsaw: 9 business hours; closed 17:00–09:00"),
        ("2026-11-24T12:00+01:00", 17 * 60, "Thu 26 Nov 13:00 Warsaw: 17 business hours"),
    ],
)
def test_what_the_rep_reads(started: str, minutes: int, says: str) -> None:
    holidays = default_rules().calendars.calendars["warsaw"].model_dump()
    rules = rules_with(warsaw={**holidays, "holidays": ["2026-11-11", "2026-12-24", "2026-12-25"]})
    assert deadline(LEAD, clock(started, minutes, rules), rules) == says


def test_a_date_of_its_own_that_is_closed_is_named_by_its_date() -> None:
    usual = default_rules().calendars.calendars["warsaw"].model_dump()
    rules = rules_with(warsaw={**usual, "exceptions": {"2026-11-24": [], "2026-11-21": [["10:00", "10:01"]]}})
    assert deadline(LEAD, clock("2026-11-23T16:59+01:00", 5, rules), rules).endswith(
        "5 business minutes; Tue 24 Nov closed"
    )
    assert deadline(LEAD, clock("2026-11-20T16:59+01:00", 5, rules), rules).endswith("5 business minutes; Sun closed")


def test_a_deadline_at_midnight_says_nothing_of_the_day_that_begins_then() -> None:
    rules = rules_with(late={"tz": "Europe/Warsaw", "week": {"fri": [["14:00", "24:00"]]}})
    assert (
        deadline(LEAD, clock("2026-11-20T23:55+01:00", 5, rules, "late"), rules)
        == "Sat 21 Nov Warsaw: 5 business minutes"
    )


def test_of_many_closed_days_the_first_are_named() -> None:
    usual = default_rules().calendars.calendars["warsaw"].model_dump()
    closed = ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"]
    rules = rules_with(warsaw={**usual, "holidays": closed})
    said = deadline(LEAD, clock("2026-11-23T12:00+01:00", 8 * 60 * 7, rules), rules)
    assert said.endswith("holiday Tue 24 Nov; holiday Thu 26 Nov; Sat–Sun closed; and other closed days")


def test_short_targets_keep_their_seconds_and_long_ones_do_not() -> None:
    started = clock("2026-11-23T11:00+01:00", 5)
    for seconds, says in ((45, "45 business seconds"), (599, "599 business seconds"), (667, "11 business minutes")):
        timed = started.with_(due_at=started.started_at + timedelta(seconds=seconds))
        assert deadline(LEAD, timed, default_rules()).endswith(f": {says}")


def test_real_time_is_told_as_such() -> None:
    lead_clock = clock("2026-11-20T16:58+01:00", 48 * 60, calendar=ELAPSED, kind="lead", policy="any")
    assert deadline(LEAD, lead_clock, default_rules()) == "Sun 22 Nov 16:58 Warsaw: 48 hours, day and night"


def test_a_pause_is_told_while_it_lasts_and_after_it() -> None:
    timed = clock("2026-11-23T11:00+01:00", 5)
    still = timed.with_(pause=Pause(at=timed.started_at, left=180, ahead={}))
    assert deadline(LEAD, still, default_rules()) == "when the pause ends: 3 business minutes left"
    since = timed.started_at
    again = timed.with_(
        due_at=timed.due_at + timedelta(minutes=20), spent=120, resumed_at=since + timedelta(minutes=22)
    )
    says = "Mon 23 Nov 11:25 Warsaw: 5 business minutes; it stood still for 20 business minutes"
    assert deadline(LEAD, again, default_rules()) == says
    real = clock("2026-11-23T11:00+01:00", 65, calendar=ELAPSED, kind="lead")
    real = real.with_(spent=60, resumed_at=since + timedelta(minutes=6))
    assert deadline(LEAD, real, default_rules()).endswith(": 60 minutes, day and night; it stood still for 5 minutes")


def test_a_day_that_was_set_is_told_without_counting() -> None:
    step = clock("2026-11-20T16:58+01:00", 480, kind="next_step", policy="Call")
    assert deadline(LEAD, step, default_rules()) == "Mon 23 Nov 16:58 Warsaw"


@pytest.mark.parametrize(
    ("due", "says"),
    [
        ("2026-11-23T11:00Z", "when they asked to be called"),
        (
            "2026-11-23T08:00Z",
            "the nearest working time to Mon 23 Nov 12:00 Warsaw, when they asked to be called",
        ),
    ],
)
def test_a_requested_call_says_what_was_asked_for(due: str, says: str) -> None:
    asked = Callback(at=utc("2026-11-23T11:00Z"), asked_at=utc("2026-11-20T12:00Z"), touch_id="t")
    timed = clock("2026-11-20T13:00+01:00", 5, policy=CALLBACK).with_(due_at=utc(due))
    assert deadline(LEAD.with_(callback=asked), timed, default_rules()).partition(" Warsaw: ")[2] == says


def test_the_owner_reads_their_own_clock_and_the_calendars_own_days() -> None:
    """Monday 08:00 in Sydney is Sunday evening in Warsaw; what is closed there is Sydney's Saturday and Sunday."""
    week = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    rules = rules_with(sydney={"tz": "Australia/Sydney", "week": week})
    timed = clock("2026-11-20T18:59+11:00", 5, rules, calendar="sydney")
    found = reckoned(timed, LEAD, rules, HOME)
    assert found.closed == (Closed(first=date(2026, 11, 21), last=date(2026, 11, 22), by="week"),)
    assert told(found) == "Sun 22 Nov 22:05 Warsaw: 5 business minutes; Sat–Sun closed"


def test_a_calendar_that_was_taken_out_of_the_rules_leaves_the_deadline() -> None:
    timed = clock("2026-11-23T11:00+01:00", 5).with_(calendar="abolished")
    assert deadline(LEAD, timed, default_rules()) == "Mon 23 Nov 11:05 Warsaw: 5 business minutes"


def test_who_has_nobody_reads_the_clock_of_revops() -> None:
    assert their_zone(None, default_rules()) == their_zone(default_rules().team.revops, default_rules())


def test_the_note_and_the_task_say_by_when_and_why_then() -> None:
    friday = utc("2026-11-20T16:58+01:00")
    decision = people.told(people.words(email="ada@example.com", country="PL"), people.touch(at=friday), at=friday)
    people.given(decision)
    card = card_of(decision.lead, decision.profile, decision.rules)
    owed = decision.lead.clock("first_contact")
    assert owed is not None
    says = f"First contact is due {deadline(decision.lead, owed, decision.rules)}"
    assert says.endswith("business minutes; Sat–Sun closed")
    assert says in card.notes[0].body
    assert card.task is not None
    assert says in card.task.body


@judged
@given(situations(), st.integers(1, 30 * HOUR))
def test_what_is_told_is_what_was_counted(situation: tuple[dict[str, Any], datetime], seconds: int) -> None:
    """Counted time and gaps are the whole time, without overlap; a closed day has no open minute by brute force, and
    every such day is named."""
    spec, start = situation
    rules, oracle = rules_with(here=spec), Oracle(spec)
    hours, zone = rules.calendar("here"), ZoneInfo(spec["tz"])
    due = hours.add(start, seconds)
    timed = Clock(kind="first_contact", hop=1, policy="p", calendar="here", started_at=start, due_at=due)
    found = reckoned(timed, LEAD, rules, HOME)
    assert found.seconds == seconds
    spans = sorted((each.start, each.end) for each in (*hours.trace_between(start, due), *found.gaps))
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]
    assert (spans[0][0], spans[-1][1]) == (start, due)
    named = [day for each in found.closed for day in days(each.first, each.last)]
    assert named == sorted(set(named))
    for day in days(start.astimezone(zone).date(), (due - timedelta(seconds=1)).astimezone(zone).date()):
        begins, ends = (datetime(*each.timetuple()[:3], tzinfo=zone) for each in (day, day + timedelta(days=1)))
        assert (oracle.between(utc(begins.isoformat()), utc(ends.isoformat())) == 0) == (day in named)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_neighbouring_days_closed_for_different_reasons_stay_apart() -> None:
    usual = default_rules().calendars.calendars["warsaw"].model_dump()
    rules = rules_with(warsaw={**usual, "holidays": ["2026-11-20", "2026-11-21"], "exceptions": {"2026-11-23": []}})
    found = reckoned(clock("2026-11-19T16:58+01:00", 5, rules), LEAD, rules, HOME)
    assert [(each.first.day, each.last.day, each.by) for each in found.closed] == [
        (20, 20, "holiday"),
        (21, 22, "week"),
        (23, 23, "exception"),
    ]
    assert found.gaps == (Gap(start=utc("2026-11-19T17:00+01:00"), end=utc("2026-11-24T09:00+01:00")),)
    assert all(earlier.last < later.first for earlier, later in pairwise(found.closed))
