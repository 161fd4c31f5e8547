"""A profile does not depend on the order, nor on the repeats, of what was heard."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.person.profile import Basis, Profile, Value
from tests.domain.people import NOW

BASES: tuple[Basis, ...] = ("enriched", "unverified", "verified")
values = st.builds(
    Value,
    value=st.sampled_from(["one", "two", 3, True]),
    basis=st.sampled_from(BASES),
    source=st.just("website"),
    touch_id=st.sampled_from("ab"),
    at=st.integers(0, 2).map(lambda hours: NOW + timedelta(hours=hours)),
)
news = st.lists(st.tuples(st.sampled_from(["lead.email", "lead.phone"]), values), max_size=5)


@given(news)
def test_any_order_and_any_repeats_give_the_same_profile(heard: list[tuple[str, Value]]) -> None:
    expected = Profile().learn(heard)
    for order in permutations(heard):
        assert Profile().learn([*order, *order[::-1]]) == expected


@given(news, news)
def test_two_profiles_become_one_whichever_is_asked(one: list[tuple[str, Value]], two: list[tuple[str, Value]]) -> None:
    first, second = Profile().learn(one), Profile().learn(two)
    assert first.absorb(second) == second.absorb(first) == Profile().learn([*one, *two])
    assert first.absorb(first) == first


def test_better_proven_wins_over_newer_and_newer_over_older() -> None:
    proven = Value(value="proven", basis="verified", source="website", touch_id="a", at=NOW)
    claimed = proven.with_(value="claimed", basis="unverified", at=NOW + timedelta(days=9))
    newer = proven.with_(value="newer", at=NOW + timedelta(days=1))
    looked_up = proven.with_(value="looked up", basis="enriched", at=NOW + timedelta(days=99))
    known = Profile().learn([("lead.phone", value) for value in (proven, claimed, looked_up)])
    assert known.text("lead.phone") == "proven"
    assert known.learn([("lead.phone", newer)]).text("lead.phone") == "newer"
