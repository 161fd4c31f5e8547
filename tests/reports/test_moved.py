"""How far a number moved, why, and which of many moved most: against reports whose answers are made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.reporting.policy import ReportsPolicy, Threshold, WeeklyDigest
from leadrelay.reports.asked import Asked
from leadrelay.reports.moved import Ask, Moved, moved
from leadrelay.reports.result import Kind, Number, Report
from leadrelay.reports.thresholds import crossed
from leadrelay.reports.weekly import WATCHED, due_since, week

POLICY = ReportsPolicy(zone="Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""Nine o'clock in Warsaw."""


def one(kind: Kind, now: float | None, was: float | None, of: int = 100, of_was: int = 100, **leads: int) -> Moved:
    told = {"leads": of, "leads_was": of_was, **leads}
    return Moved("funnel", "leads", kind, now, was, of, of_was, **told)


@pytest.mark.parametrize(
    ("found", "distance"),
    [
        (one("count", 60, 40), 2.0),
        (one("count", 40, 60), -2.0),
        (one("count", 0, 0), 0.0),
        (one("share", 0.5, 0.5), 0.0),
        (one("share", 0.6, 0.4), 0.2 / (0.25 * 0.02) ** 0.5),
        (one("share", 0.0, 0.0), 0.0),
        (one("share", 0.5, 0.4, of=0), 0.0),
        (one("seconds", 600, 300, 50, 50), 0.6931471805599453 / (1.5 * 0.2)),
        (one("seconds", None, 300), 0.0),
        (one("money", 0, 300), 0.0),
    ],
)
def test_distance_is_in_standard_errors(found: Moved, distance: float) -> None:
    assert found.distance == pytest.approx(distance)


@given(
    st.sampled_from(["count", "share", "seconds"]),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(1, 2000),
    st.integers(1, 2000),
)
def test_back_is_as_far_as_there(kind: Any, now: int, was: int, of: int, of_was: int) -> None:
    scale = 1000 if kind == "share" else 1
    there = one(kind, now / scale, was / scale, of, of_was)
    back = one(kind, was / scale, now / scale, of_was, of)
    assert there.distance == pytest.approx(-back.distance)
    assert (there.cause is None) == (back.cause is None)


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        (one("count", 50, 100, leads=500, leads_was=1000), "traffic"),  # half as many came, half as many got through
        (one("count", 50, 100, leads=1000, leads_was=1000), "handling"),
        (one("count", 100, 50, leads=1000, leads_was=500), "traffic"),
        (one("count", 100, 50, leads=1000, leads_was=1000), "handling"),
        (one("count", 50, 100, leads=50, leads_was=100, came=1000, came_was=1000), "handling"),  # as many came
        (one("count", 50, 100, leads=50, leads_was=100, came=500, came_was=1000), "traffic"),
        (one("count", 0, 100, came=0, came_was=0), "handling"),
        (replace(one("share", 0.5, 0.2), report="spam", id="suspected_share"), "traffic"),
        (replace(one("money", 900, 100), report="channels", id="cost_per_lead"), "traffic"),
        (one("count", 52, 50, leads=1000, leads_was=1000), None),
        (one("share", 0.5, 0.8, of=300, of_was=100), "traffic"),  # more came than could be kept up with
        (one("share", 0.5, 0.8, of=100, of_was=100), "handling"),
        (one("seconds", 9000, 300, of=100, of_was=100), "handling"),
    ],
)
def test_traffic_explains_it_or_handling_does(found: Moved, cause: str | None) -> None:
    assert found.cause == cause


class Office:
    """Reports with these numbers: `say` of a report, a number and the first day; every other number is always one."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str, str | None], dict[date, tuple[Kind, float, int]]] = {}
        self.asked: list[Asked] = []

    def say(
        self, report: str, number: str, kind: Kind, days: dict[date, tuple[float, int]], part: str | None = None
    ) -> None:
        self.said[report, number, part] = {day: (kind, *told) for day, told in days.items()}

    def __call__(self, report: str, asked: Asked) -> Report:
        self.asked.append(asked)
        part = next((f"{by}:{code}" for by, (code,) in asked.where.items()), None)
        named = {number for name, number in WATCHED if name == report} | {n for r, n, _ in self.said if r == report}
        return Report(
            name=report, asked=asked, leads=100, numbers=tuple(self._number(report, n, part, asked) for n in named)
        )

    def _number(self, report: str, number: str, part: str | None, asked: Asked) -> Number:
        kind, value, of = self.said.get((report, number, part), {}).get(asked.since, ("count", 1, 100))
        return Number(id=number, kind=kind, value=value, of=of)


THIS, BEFORE = date(2026, 11, 16), date(2026, 11, 9)


def test_a_number_is_compared_with_as_many_days_before() -> None:
    office = Office()
    office.say("sla", "first_kept", "share", {THIS: (0.5, 40), BEFORE: (0.9, 30)})
    asked = Asked(since=THIS, until=date(2026, 11, 22))
    found = moved("sla", "first_kept", asked, office)
    assert (found.now, found.was, found.of, found.of_was) == (0.5, 0.9, 40, 30)
    with pytest.raises(StopIteration):
        moved("sla", "nothing_like_it", asked, office)


def test_the_time_before_is_that_of_the_report_where_it_tells_one() -> None:
    """A week ago they had a week less to be worked: what became of them since would make every week worse."""
    asked = Asked(since=THIS, until=date(2026, 11, 22))

    def ask(name: str, question: Asked) -> Report:
        value, before = (0.7, 0.7) if question == asked else (0.9, 0.8)
        number = Number(id="worked_share", kind="share", value=value, of=40, before=before)
        return Report(name=name, asked=question, leads=40, numbers=(number,))

    assert moved("worked", "worked_share", asked, ask).was == 0.7


def line(**told: Any) -> ReportsPolicy:
    return POLICY.with_(thresholds=(Threshold(**{"id": "late", "report": "sla", "number": "first_kept", **told}),))


def test_a_line_is_crossed_over_the_last_whole_days_and_only_where_enough_is_judged() -> None:
    office = Office()
    office.say("sla", "first_kept", "share", {THIS: (0.5, 40), BEFORE: (0.9, 30)})
    [found] = crossed(line(below=0.8), MONDAY, office)
    assert (found.asked.since, found.asked.until, found.asked.date_by) == (THIS, date(2026, 11, 22), "activity")
    assert (found.limit, found.moved.now) == (0.8, 0.5)
    assert not list(crossed(line(below=0.5), MONDAY, office))
    assert not list(crossed(line(above=0.5), MONDAY, office))
    assert [each.limit for each in crossed(line(above=0.4), MONDAY, office)] == [0.4]
    assert not list(crossed(line(below=0.8, min_count=41), MONDAY, office))


def test_a_count_is_judged_however_small() -> None:
    office = Office()
    office.say("funnel", "leads", "count", {THIS: (3, 3), BEFORE: (90, 90)})
    found = list(crossed(line(report="funnel", number="leads", below=50), MONDAY, office))
    assert [each.moved.now for each in found] == [3]


def test_it_is_told_once_in_its_days() -> None:
    office = Office()
    office.say("sla", "first_kept", "share", {date(2026, 11, day): (0.1, 40) for day in range(1, 31)})
    names = [next(iter(crossed(line(below=0.8), MONDAY.replace(day=day), office))).notice_id for day in range(8, 29)]
    assert len(set(names)) == 4
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-23T06:59", None),  # 7:59 in Warsaw
        ("2026-11-23T07:00", date(2026, 11, 23)),
        ("2026-11-25T22:59", date(2026, 11, 23)),  # Wednesday: whoever was down on Monday still tells it
        ("2026-11-25T23:00", None),  # Thursday there
        ("2026-11-22T12:00", None),
    ],
)
def test_a_digest_is_due_from_its_hour_on_and_not_for_ever(at: str, due: date | None) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert due_since(WeeklyDigest(), "Europe/Warsaw", now) == due


def parts(office: Ask, among: dict[str, list[str]], numbers: int = 3) -> list[tuple[str, list[tuple[str, str]]]]:
    found = week(WeeklyDigest(numbers=numbers), POLICY, date(2026, 11, 23), office, among)
    return [(each.moved.id, [(part.by, part.code) for part in each.parts]) for each in found.told]


def test_the_numbers_that_moved_most_with_who_moved_them() -> None:
    office = Office()
    office.say("funnel", "leads", "count", {THIS: (40, 40), BEFORE: (100, 100)})
    office.say("funnel", "leads", "count", {THIS: (1, 1), BEFORE: (55, 55)}, part="source:meta")
    office.say("funnel", "leads", "count", {THIS: (39, 39), BEFORE: (45, 45)}, part="source:google")
    office.say("sla", "first_kept", "share", {THIS: (0.5, 400), BEFORE: (0.9, 400)})
    office.say("sla", "first_kept", "share", {THIS: (0.9, 200), BEFORE: (0.9, 200)}, part="rep:anna")
    office.say("sla", "first_kept", "share", {THIS: (0.1, 200), BEFORE: (0.9, 200)}, part="rep:marek")
    office.say("promised", "mqls", "count", {THIS: (52, 52), BEFORE: (50, 50)})
    told = parts(office, {"source": ["google", "meta"], "rep": ["anna", "marek"]})
    assert told == [("first_kept", [("rep", "marek")]), ("leads", [("source", "meta")])]
    assert len(parts(office, {}, numbers=1)) == 1


def test_a_quiet_week_says_so() -> None:
    assert parts(Office(), {"source": ["meta"]}) == []


def test_a_median_is_of_whoever_moved_furthest_the_same_way() -> None:
    office = Office()
    office.say("reaction", "median", "seconds", {THIS: (6000, 90), BEFORE: (600, 90)})
    office.say("reaction", "median", "seconds", {THIS: (60, 40), BEFORE: (6000, 40)}, part="pool:sdr")
    office.say("reaction", "median", "seconds", {THIS: (9000, 50), BEFORE: (600, 50)}, part="pool:ae")
    assert parts(office, {"pool": ["ae", "sdr"]}) == [("median", [("pool", "ae")])]
