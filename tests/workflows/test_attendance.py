"""Attendance: what a CRM and calendars say of our people is read now and then; what people said stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.team import AttendanceSources
from leadrelay.domain.rules import Rules
from leadrelay.ports.attendance import Seen, Span
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records import cursor_key, rep_key
from leadrelay.workflows.reps import Reps
from tests.system import System, default_rules

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


@dataclass
class Office:
    """Says of each rep what a test wants; `trouble` is raised by the next questions, one each."""

    people: dict[str, Seen] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def seen(self, people: Mapping[str, str], now: datetime) -> dict[str, Seen]:
        self.asked.append(dict(people))
        if self.trouble:
            raise self.trouble.pop()
        return {rep: self.people[rep] for rep in people if rep in self.people}


def ruled(named: tuple[str, ...] = (), **minutes: int) -> Rules:
    rules = default_rules()
    reps = tuple(rep.with_(away_calendar=rep.id if rep.id in named else None) for rep in rules.team.reps)
    team = rules.team.with_(reps=reps, attendance_minutes=AttendanceSources(**minutes))
    return Rules.of(rules.with_(team=team))


def read_often() -> Rules:
    """Anna's calendar, every quarter of an hour."""
    return ruled(("anna",), calendars=15)


def system(office: Office, rules: Rules) -> System:
    return System(rules, attendance=office)


def state(there: System, rep: str = "anna") -> RepState:
    record = there.store.load(rep_key(rep))
    return RepState() if record is None else record.state


def said(there: System) -> list[tuple[str, Any]]:
    return [(fact.name, fact.data.get("by")) for fact in there.said if fact.name.startswith("Rep")]


def test_nothing_is_asked_unless_the_rules_say_so() -> None:
    office = Office()
    there = system(office, ruled(("anna",)))
    there.later(hours=3)
    assert office.asked == []


def test_the_crm_is_asked_about_everybody_who_has_an_id_there_every_so_often() -> None:
    office = Office({"anna": Seen(gone=False, open=7), "marek": Seen(gone=True)})
    there = system(office, ruled(crm=60))
    there.later(minutes=1)
    (people,) = office.asked
    assert people["anna"] == "70000001"
    assert set(people) == {rep.id for rep in there.rules.current().team.reps}
    assert (state(there).crm_open, state(there).crm_seen_at is not None) == (7, True)
    assert state(there, "marek").away(there.clock.now() + timedelta(days=90)) is not None
    assert said(there) == [("RepAway", "crm")]
    there.later(minutes=30)
    assert len(office.asked) == 1
    there.later(minutes=31)
    assert len(office.asked) == 2
    assert said(there) == [("RepAway", "crm")]


def test_who_is_in_the_crm_again_is_back() -> None:
    office = Office({"marek": Seen(gone=True)})
    there = system(office, ruled(crm=60))
    there.later(minutes=1)
    begun = state(there, "marek").absences[0].start
    there.later(minutes=61)
    assert state(there, "marek").absences[0].start == begun
    office.people["marek"] = Seen(gone=False, open=0)
    there.later(minutes=61)
    assert state(there, "marek").absences == ()
    assert said(there) == [("RepAway", "crm"), ("RepBack", "crm")]


def test_days_of_a_calendar_are_whole_days_of_the_rep_and_replace_what_it_said() -> None:
    leave = Span(date(2026, 12, 1), date(2026, 12, 3))
    own = datetime(2026, 11, 23, 14)  # noqa: DTZ001 on their own clock
    office = Office({"anna": Seen(away=(leave, Span(own, own + timedelta(hours=1))))})
    there = system(office, read_often())
    Reps(there.store, there.rules, there.clock).away("anna", None, date(2026, 12, 24))
    there.later(minutes=1)
    assert office.asked == [{"anna": "anna"}]
    found = {(each.by, each.start, each.until) for each in state(there).absences}
    assert ("calendar", datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 2, 23, tzinfo=UTC)) in found
    assert ("calendar", NOON + timedelta(hours=2), NOON + timedelta(hours=3)) in found
    assert len(found) == 3
    office.people["anna"] = Seen(away=())
    there.later(minutes=16)
    assert [each.by for each in state(there).absences] == ["command"]


def test_a_calendar_that_cannot_be_read_says_nothing_new() -> None:
    office = Office({"anna": Seen(away=(Span(date(2026, 12, 1), date(2026, 12, 3)),))})
    there = system(office, read_often())
    there.later(minutes=1)
    office.people["anna"] = Seen(trouble="Reject")
    there.later(minutes=16)
    assert len(state(there).absences) == 1
    assert len(office.asked) == 2


@pytest.mark.parametrize("trouble", [Retry(60, "away"), Misconfigured("no token")])
def test_an_outage_is_asked_again_later_and_is_no_failure(trouble: Exception) -> None:
    office = Office({"anna": Seen(gone=False, open=3)}, trouble=[trouble])
    there = system(office, ruled(crm=60))
    there.later(minutes=1)
    assert (len(office.asked), there.failed) == (1, [])
    there.later(minutes=7)
    assert state(there).crm_open == 3


def test_many_people_are_asked_about_some_at_a_time() -> None:
    rules = ruled(crm=60)
    more = tuple(rules.team.reps[0].with_(id=f"rep{n:03}", crm={"hubspot": f"9{n}"}) for n in range(90))
    there = system(office := Office(), Rules.of(rules.with_(team=rules.team.with_(reps=(*rules.team.reps, *more)))))
    for _ in range(4):
        there.later(minutes=1)
    assert [len(people) for people in office.asked] == [40, 40, 18]
    assert len({rep for people in office.asked for rep in people}) == 98
    assert there.store.load(cursor_key("attendance:crm")).cursor is None
    there.later(minutes=62)
    assert len(office.asked) == 4
