"""Every kind of signal: what it gives, for how long, and that it says the truth about when that changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.scoring.signals import KINDS
from leadrelay.domain.signal import Moment, Signal, together
from tests.domain.people import NOW, did

TICK = timedelta(microseconds=1)


def rule(kind: str, **said: Any) -> SignalRule:
    return SignalRule.model_validate({"id": "r", "says": "", "kind": kind, "signal": "s", "points": 20, **said})


def at(*days: float, name: str = "s") -> dict[str, Signal]:
    """The signal so many days ago; the touch of age 3 is "t3"."""
    found: dict[str, Signal] = {}
    for age in days:
        moment = Signal(count=1, times=(NOW - timedelta(days=age),), touch_ids=(f"t{age}",))
        found = together(found, {name: moment})
    return found


def gives(of: SignalRule, signals: dict[str, Signal], now: datetime = NOW, last: Moment | None = None) -> Given:
    return KINDS[of.kind].gives(of, Lead(lead_id="1", signals=signals, last_touch=last), of.points, now)


@pytest.mark.parametrize(("days", "left"), [(0, 20), (0.99, 20), (1, 19), (45, 10), (89, 0), (90, 0), (4000, 0)])
def test_linear_points_are_whole_at_first_and_gone_at_the_end(days: float, left: int) -> None:
    assert gives(rule("occurrence", fades_days=90), at(days)).kept == left


@pytest.mark.parametrize(
    ("days", "left"), [(0, 20), (1, 19), (30, 10), (29, 10), (31, 9), (60, 5), (90, 2), (120, 1), (150, 0)]
)
def test_half_life_is_exact_at_every_half(days: int, left: int) -> None:
    assert gives(rule("occurrence", half_life_days=30), at(days)).kept == left


@given(worth=st.integers(1, 200), days=st.integers(1, 400), age=st.integers(0, 4000))
def test_half_lives_are_what_exact_arithmetic_says(worth: int, days: int, age: int) -> None:
    left = gives(rule("occurrence", points=worth, half_life_days=days), at(age)).points
    assert Fraction(left) ** days * 2**age <= Fraction(worth) ** days < Fraction(left + 1) ** days * 2**age


@pytest.mark.parametrize(
    ("said", "days", "points", "kept"),
    [
        ({}, (1, 2, 3), 60, 20),
        ({"most": 45}, (1, 2, 3), 60, 45),
        ({"most": 100}, (1, 2, 3), 60, 60),
        ({"most": 100, "repeat": "once"}, (1, 2, 3), 20, 20),
        ({"most": 100, "repeat": "daily"}, (0, 0.1, 2), 40, 40),
        ({"most": 100, "per_window": 25, "window_days": 7}, (0, 1), 40, 40),
        ({"most": 100, "per_window": 25, "window_days": 7}, (1, 2, 9), 60, 45),
        ({"points": -20, "most": 30}, (1, 2), -40, -30),
    ],
    ids=str,
)
def test_repeats_count_up_to_each_cap(said: dict[str, Any], days: tuple[float, ...], points: int, kept: int) -> None:
    """NOW is a Monday: yesterday was another week."""
    found = gives(rule("occurrence", **said), at(*days))
    assert (found.points, found.kept) == (points, kept)


def test_an_occurrence_names_its_newest_touch_that_still_counts() -> None:
    found = gives(rule("occurrence", fades_days=10), at(3, 9, 50))
    assert (found.touch_id, found.changes_at) == ("t3", NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("days", "touch"), [((1, 2, 3), "t1"), ((1, 20, 21, 22), "t20"), ((1, 2), None), ((1, 6, 12), None)], ids=str
)
def test_several_times_within_days(days: tuple[float, ...], touch: str | None) -> None:
    assert gives(rule("times_within", count=3, within_days=5), at(*days)).touch_id == touch


def test_the_window_itself_still_counts() -> None:
    assert gives(rule("times_within", count=2, within_days=5), at(1, 6)).kept == 20
    assert gives(rule("burst", count=2, within_hours=24), at(1, 2)).kept == 20
    assert gives(rule("burst", count=2, within_hours=23), at(1, 2)) == NOTHING


def test_a_burst_fades_since_its_newest_time() -> None:
    of = rule("burst", count=2, fades_days=10)
    assert [gives(of, at(days, days)).kept for days in (0, 5, 10)] == [20, 10, 0]


@pytest.mark.parametrize(
    ("prices", "webinar", "touch"),
    [
        ((1, 3), (5,), "t1"),
        ((1,), (5,), None),
        ((1, 3), (), None),
        ((1, 3), (18,), None),
        ((1, 30, 31), (33,), "t30"),
        ((2, 16), (9,), "t2"),
        ((5, 6), (1,), "t1"),
    ],
    ids=str,
)
def test_two_signals_together(prices: tuple[float, ...], webinar: tuple[float, ...], touch: str | None) -> None:
    """Prices twice and a webinar within 14 days; the newest such fortnight counts."""
    of = rule("together", signals={"s": 2, "w": 1}, within_days=14)
    found = gives(of, {**at(*prices), **at(*webinar, name="w")})
    assert (found.kept, found.touch_id) == ((20, touch) if touch else (0, None))


STEPS = [{"days": 0, "points": 10}, {"days": 7, "points": 5}, {"days": 30, "points": 0}, {"days": 60, "points": -10}]


@pytest.mark.parametrize(
    ("days", "points", "next_in"),
    [(0, 10, 7), (6.99, 10, 0.01), (7, 5, 23), (29, 5, 1), (30, 0, 30), (59, 0, 1), (60, -10, None), (900, -10, None)],
)
def test_silence_goes_down_the_steps(days: float, points: int, next_in: float | None) -> None:
    last = Moment(at=NOW - timedelta(days=days), touch_id="t")
    found = gives(rule("recency", signal="", steps=STEPS), {}, last=last)
    assert found.points == found.kept == points
    assert found.changes_at == (None if next_in is None else NOW + timedelta(days=next_in))


def test_silence_of_one_signal_is_its_own() -> None:
    last = Moment(at=NOW, touch_id="t")
    assert gives(rule("recency", steps=STEPS), at(61), last=last).kept == -10
    assert gives(rule("recency", steps=STEPS), {}, last=last) == NOTHING
    assert gives(rule("recency", signal="", steps=STEPS), at(1)) == NOTHING


rules_of_signals = st.builds(
    SignalRule,
    id=st.just("r"),
    signal=st.just("s"),
    points=st.integers(-60, 60),
    says=st.just(""),
    kind=st.sampled_from(sorted(KINDS)),
    most=st.none() | st.integers(1, 100),
    repeat=st.sampled_from(["each", "daily", "once"]),
    per_window=st.none() | st.integers(1, 100),
    window_days=st.none() | st.integers(1, 14),
    count=st.integers(1, 6),
    within_hours=st.integers(1, 72),
    within_days=st.integers(1, 30),
    signals=st.just({"s": 2, "w": 1}),
    steps=st.just(tuple(SignalRule.model_validate({"id": "r", "says": "", "steps": STEPS}).steps)),
).flatmap(
    lambda made: st.sampled_from(
        [made, made.with_(fades_days=5), made.with_(fades_days=90), made.with_(half_life_days=7)]
    )
)
ages = st.lists(st.integers(0, 200 * 24), min_size=1, max_size=10)
occurrences = st.dictionaries(st.sampled_from("sw"), ages, min_size=1)


def signals_of(hours: dict[str, list[int]]) -> dict[str, Signal]:
    found: dict[str, Signal] = {}
    for name, all_ages in hours.items():
        found |= at(*(age / 24 for age in all_ages), name=name)
    return found


@given(rule=rules_of_signals, hours=occurrences)
def test_nothing_changes_before_it_is_said_and_something_does_then(
    rule: SignalRule, hours: dict[str, list[int]]
) -> None:
    signals, last = signals_of(hours), Moment(at=NOW - timedelta(hours=7), touch_id="t")
    now = gives(rule, signals, last=last)
    if now.changes_at is None:
        for days in (1, 10, 100, 10_000):
            assert gives(rule, signals, NOW + timedelta(days=days), last)[:2] == now[:2]
        return
    assert now.changes_at > NOW
    for part in (Fraction(1, 3), Fraction(9, 10)):
        between = NOW + timedelta(microseconds=int((now.changes_at - NOW) / TICK * part))
        assert gives(rule, signals, between, last)[:2] == now[:2]
    assert gives(rule, signals, now.changes_at - TICK, last)[:2] == now[:2]
    assert gives(rule, signals, now.changes_at, last).points != now.points


@given(rule=rules_of_signals, hours=occurrences, later=st.integers(0, 5000))
def test_points_move_towards_zero_and_stay_within_their_bounds(
    rule: SignalRule, hours: dict[str, list[int]], later: int
) -> None:
    if rule.kind == "recency":
        return
    now, then = (gives(rule, signals_of(hours), NOW + timedelta(hours=wait)) for wait in (0, later))
    sign = -1 if rule.points < 0 else 1
    assert 0 <= then.points * sign <= now.points * sign
    assert 0 <= now.kept * sign <= max(abs(rule.points), rule.most or 0)
    assert 0 <= now.kept * sign <= now.points * sign


@given(
    rule=rules_of_signals.filter(lambda rule: rule.kind in ("occurrence", "condition") and rule.points > 0),
    hours=occurrences,
    more=st.integers(0, 200 * 24),
)
def test_one_touch_more_is_never_worth_less(rule: SignalRule, hours: dict[str, list[int]], more: int) -> None:
    before = signals_of(hours)
    assert gives(rule, together(before, at(more / 24))).kept >= gives(rule, before).kept


@given(kind=st.sampled_from(["burst", "times_within", "together"]), hours=occurrences, more=st.integers(0, 200 * 24))
def test_nor_is_it_for_runs_within_what_is_remembered(kind: str, hours: dict[str, list[int]], more: int) -> None:
    of = rule(kind, count=3, within_days=7, signals={"s": 2, "w": 1}, fades_days=60)
    before = signals_of({name: found[:9] for name, found in hours.items()})
    assert gives(of, together(before, at(more / 24))).kept >= gives(of, before).kept


def test_what_an_earlier_release_kept_has_no_touch_and_still_counts() -> None:
    old = did("s", times=3)
    assert old["s"].touch_ids == ()
    found = gives(rule("occurrence", most=60), together(old, at(1)))
    assert (found.kept, found.touch_id) == (60, "")
