"""Absences: whose word about which days counts, and when somebody is there again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.routing.absences import back, begins, ends, replaced, told
from leadrelay.domain.routing.rep_state import Absence, RepState
from tests.domain.people import NOW

WARSAW = ZoneInfo("Europe/Warsaw")


def away(start: float, until: float | None, by: str = "command") -> Absence:
    """In days from now."""
    end = None if until is None else NOW + timedelta(days=until)
    return Absence.model_validate({"start": NOW + timedelta(days=start), "until": end, "by": by})


def days(state: RepState) -> list[tuple[float, float | None]]:
    return [
        ((each.start - NOW) / timedelta(days=1), None if each.until is None else (each.until - NOW) / timedelta(days=1))
        for each in state.absences
    ]


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        ((), (0, 4), [(0, 4)]),
        (((0, 4),), (0, 2), [(0, 2)]),
        (((0, 4),), (0, 9), [(0, 9)]),
        (((0, None),), (0, 2), [(0, 2)]),
        (((20, 25),), (0, None), [(0, None), (20, 25)]),
        (((20, 25),), (21, None), [(21, None)]),
        (((20, 25),), (19, 22), [(19, 22)]),
        (((20, 25),), (0, 4), [(0, 4), (20, 25)]),
        (((20, 25),), (0, 20), [(0, 20), (20, 25)]),
        (((20, 25),), (25, 26), [(20, 25), (25, 26)]),
        ((), (-3, 4), [(0, 4)]),
    ],
)
def test_the_newest_word_about_the_same_days_counts(
    known: tuple[tuple[float, float | None], ...], new: tuple[float, float | None], expected: list[object]
) -> None:
    state = RepState(absences=tuple(away(*each) for each in known))
    assert days(told(state, away(*new), NOW)) == expected


def test_one_tellers_word_does_not_touch_anothers() -> None:
    state = told(RepState(absences=(away(0, 4, "calendar"), away(0, 2, "crm"))), away(0, 1), NOW)
    assert [each.by for each in state.absences] == ["calendar", "command", "crm"]
    listed = replaced(state, "calendar", [away(7, 9, "calendar")], NOW)
    assert [(each.by, each.start) for each in listed.absences] == [
        ("command", NOW), ("crm", NOW), ("calendar", NOW + timedelta(days=7))
    ]  # fmt: skip
    assert [each.by for each in replaced(listed, "calendar", [], NOW).absences] == ["command", "crm"]


def test_who_is_back_is_back_though_a_calendar_goes_on_saying_otherwise() -> None:
    state = RepState(absences=(away(-2, 5, "calendar"), away(-1, None), away(20, 25, "calendar")))
    there = back(state, NOW)
    assert days(there) == [(20, 25)]
    read_again = replaced(there, "calendar", [away(-2, 5, "calendar"), away(20, 25, "calendar")], NOW)
    assert read_again.away(NOW + timedelta(days=1)) is None
    assert read_again.away(NOW + timedelta(days=21)) is not None
    assert told(read_again, away(0, 2), NOW).away(NOW) is not None


def test_a_day_is_whole_and_in_the_zone_of_who_is_away() -> None:
    assert begins(date(2026, 12, 1), WARSAW) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert ends(date(2026, 12, 1), WARSAW) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert ends(date(2026, 3, 29), WARSAW) - begins(date(2026, 3, 29), WARSAW) == timedelta(hours=23)
    assert ends(datetime(2026, 12, 1, 14), WARSAW) == datetime(2026, 12, 1, 13, tzinfo=UTC)  # noqa: DTZ001 their own
    assert ends(datetime(2026, 12, 1, 14, tzinfo=UTC), WARSAW) == datetime(2026, 12, 1, 14, tzinfo=UTC)


SPANS = st.tuples(st.integers(0, 40), st.none() | st.integers(1, 20)).map(
    lambda said: away(said[0], None if said[1] is None else said[0] + said[1])
)


@given(st.lists(SPANS, max_size=8), st.integers(0, 60))
def test_after_a_word_one_is_away_as_it_says_and_absences_of_one_teller_stand_apart(
    said: list[Absence], ahead: int
) -> None:
    state = RepState()
    for absence in said:
        state = told(state, absence, NOW)
        assert absence in state.absences
    bounded = [each for each in state.absences if each.until is not None]
    assert all(one.until is not None and one.until <= other.start for one, other in pairwise(bounded))
    at = NOW + timedelta(days=ahead, hours=1)
    assert (state.away(at) is not None) == any(each.covers(at) for each in state.absences)
    assert back(state, at).away(at) is None
