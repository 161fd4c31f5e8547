"""Credits: who was away, or is new, is not flooded; who was full catches up; and all debts are forgotten in time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.credits import forgotten
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.eligibility import TESTS
from leadrelay.domain.routing.ledger import MILLION, Ledger
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Credited
from tests.domain.people import NOW
from tests.domain.test_fairness import Office, away, pool, team_of

DAY = timedelta(days=1)


# ---- absence


@settings(max_examples=60)
@given(st.lists(st.sampled_from([1, 1, 2, 3, 5, 8]), min_size=2, max_size=6), st.integers(0, 10_000))
def test_with_absences_everybodys_share_is_their_weight_times_their_presence(weights: list[int], seed: int) -> None:
    """On every prefix: of each lead, those who are there have their part by weight, the others none."""
    dice, office = Random(seed), Office(pool(*weights))
    names = [f"rep{place}" for place in range(len(weights))]
    owed, out = dict.fromkeys(names, Fraction(0)), set[str]()
    for _ in range(150):
        if dice.random() < 0.15:
            out = set(dice.sample(names, dice.randrange(len(names))))
        there = {name: weight for name, weight in zip(names, weights, strict=True) if name not in out}
        for name, weight in there.items():
            owed[name] += Fraction(weight, sum(there.values()))
        office.one(away(*out))
        assert max(abs(office.turns.given[name] - owed[name]) for name in names) < 2


@settings(max_examples=60)
@given(st.lists(st.sampled_from([1, 1, 2, 3, 5, 8]), min_size=2, max_size=6), st.integers(0, 10_000))
def test_the_newer_somebody_is_the_smaller_is_their_part_also_with_absences(weights: list[int], seed: int) -> None:
    """Of each lead, everybody's part is the weight with which they take part in it; nobody strays from the sum."""
    dice, names = Random(seed), [f"rep{place}" for place in range(len(weights))]
    since = {name: (NOW - dice.randrange(30) * DAY).date() for name in names if dice.random() < 0.5}
    office, owed, out = Office(pool(*weights, ramp_days=30), since=since), dict.fromkeys(names, Fraction(0)), set[str]()
    for _ in range(150):
        if dice.random() < 0.1:
            out = set(dice.sample(names, dice.randrange(len(names))))
        present = office.draw(away(*out)).present
        for name in names:
            owed[name] += Fraction(present[name], sum(present.values()))
        office.one(away(*out))
        office.now += timedelta(hours=4)
        assert max(abs(office.turns.given[name] - owed[name]) for name in names) < 2


@settings(max_examples=60)
@given(st.lists(st.sampled_from([1, 1, 2, 3, 5, 8]), min_size=2, max_size=6), st.integers(0, 10_000))
def test_once_everybody_is_back_each_stretch_is_shared_by_weight(weights: list[int], seed: int) -> None:
    dice, office, names = Random(seed), Office(pool(*weights)), [f"rep{place}" for place in range(len(weights))]
    for _ in range(20):
        office.deal(dice.randrange(6), away(*dice.sample(names, dice.randrange(len(names)))))
    got: Counter[str | None] = Counter()
    for leads in range(1, 101):
        got[office.one()] += 1
        for name, weight in zip(names, weights, strict=True):
            assert abs(got[name] - Fraction(leads * weight, sum(weights))) < 2.5


@pytest.mark.parametrize(("credited", "first_day"), [(("away",), 16), ((), 40)])
def test_who_comes_back_gets_their_share_and_is_not_flooded(credited: tuple[str, ...], first_day: int) -> None:
    """Weights 2:1:1:1; the first is away five days of twenty, forty leads a day: 40 % of the first day, not all."""
    office = Office(pool(2, 1, 1, 1, credits=credited))
    before = office.deal(8 * 40)
    gone = office.deal(5 * 40, away("rep0"))
    back = office.deal(40)
    after = office.deal(6 * 40)
    assert "rep0" not in gone
    assert back.count("rep0") == first_day
    shares = Counter(before + gone + back + after)
    fair = {"rep0": 240, "rep1": 187, "rep2": 187, "rep3": 187}
    if credited:
        assert all(abs(shares[rep] - leads) <= 1 for rep, leads in fair.items()), shares
        assert office.ledger.credits == {"absence": {"rep0": pytest.approx(200 * 2 / 3 * MILLION, abs=200)}}


@pytest.mark.parametrize("failed", ["cap", "rate", "skill", "recent_owner"])
def test_who_was_skipped_for_another_reason_catches_up(failed: str) -> None:
    office = Office(pool(1, 1))
    office.deal(4, {"rep1": failed})
    assert office.deal(4) == ["rep1"] * 4
    assert office.ledger.credits == {}


def test_who_is_full_while_another_is_away_is_owed_what_would_have_been_theirs() -> None:
    """Ten leads went to the only one who was free; the full one is owed half of them, the absent one none."""
    office = Office(pool(1, 1, 2))
    office.deal(10, {"rep1": "cap", "rep2": "away"})
    behind = office.ledger.shortfalls()
    assert [round(float(behind[f"rep{place}"]), 3) for place in range(3)] == [-5, 5, 0]


def test_when_all_are_absent_nobody_is_credited() -> None:
    """Somebody has it anyway, by another way than a turn: whoever it is, nobody missed it."""
    office = Office(pool(1, 1))
    office.turns = office.draw(away("rep0", "rep1")).after("rep0")["p"]
    assert office.ledger.credits == {}
    assert office.deal(1) == ["rep1"]


def test_what_was_theirs_anyway_counts_but_is_no_turn() -> None:
    office = Office(pool(1, 1, 1))
    office.turns = office.draw({}).after("rep1", by_turn=False)["p"]
    assert (office.turns.given["rep1"], office.ledger.last) == (1, {"rep0": 0, "rep1": 0, "rep2": 0})
    assert set(office.deal(2)) == {"rep0", "rep2"}


# ---- ramp


def test_a_new_rep_grows_into_their_share() -> None:
    """Equal weights, ten days of ramp, twenty leads a day: the new one's part of each day is n/10 to 1."""
    office = Office(pool(1, 1, ramp_days=10), since={"rep1": NOW.date()})
    got = []
    for day in range(10):
        got.append(office.deal(20).count("rep1"))
        office.now = NOW + (day + 1) * DAY
    exact = [20 * part / (10 + part) for part in range(1, 11)]
    assert all(abs(sum(got[:days]) - sum(exact[:days])) < 2 for days in range(1, 11)), got
    assert office.deal(20).count("rep1") in (9, 10, 11)
    assert office.ledger.credits["ramp"]["rep1"] > 0
    assert set(office.ledger.credits) == {"ramp"}


@pytest.mark.parametrize("strategy", ["weighted_round_robin", "round_robin", "least_loaded", "fastest_responder"])
def test_a_new_rep_is_not_flooded_by_any_strategy(strategy: str) -> None:
    """Even the emptiest desk and no record of slowness win no more than the ramp allows."""
    office = Office(pool(1, 1, 1, strategy=strategy, ramp_days=30), since={"rep2": NOW.date()})
    got = office.deal(120)
    assert 1 <= got.count("rep2") <= 3
    skipped = {each.rep: each.failed for each in office.draw({}).candidates}
    assert skipped == {"rep0": None, "rep1": None, "rep2": "ramp"}


def test_somebody_new_is_better_than_nobody() -> None:
    office = Office(pool(1, 1, ramp_days=30), since={"rep1": NOW.date()})
    assert office.deal(5, away("rep0")) == ["rep1"] * 5


def test_who_begins_tomorrow_has_no_larger_part_than_on_the_first_day() -> None:
    office = Office(pool(1, 1, ramp_days=4), since={"rep1": (NOW + 9 * DAY).date()})
    assert office.draw({}).present == {"rep0": MILLION, "rep1": MILLION // 4}


# ---- forgetting


def indebted() -> Ledger:
    office = Office(pool(1, 1, 2, half_life_days=10))
    office.deal(100, {"rep1": "cap"})
    return office.ledger


@pytest.mark.parametrize(("days", "left"), [(0, 25), (10, 12.5), (20, 6.25), (30, 3.125), (1000, 1)])
def test_an_old_debt_halves_and_ends_at_one_lead(days: int, left: float) -> None:
    ledger = forgotten(indebted(), 10, NOW + days * DAY)
    assert float(max(ledger.shortfalls().values())) == pytest.approx(left, abs=1e-4)
    assert float(sum(ledger.shortfalls().values())) == 0


@given(st.lists(st.integers(0, 400), max_size=12).map(sorted), st.integers(400, 500))
def test_it_does_not_matter_how_often_it_is_asked(hours: list[int], last: int) -> None:
    once = forgotten(indebted(), 10, NOW + timedelta(hours=last)).shortfalls()
    ledger = indebted()
    for hour in hours:
        ledger = forgotten(ledger, 10, NOW + timedelta(hours=hour))
    often = forgotten(ledger, 10, NOW + timedelta(hours=last)).shortfalls()
    assert all(abs(once[rep] - often[rep]) < Fraction(1, 10_000) for rep in once)


def test_a_clock_that_goes_back_forgets_nothing() -> None:
    assert forgotten(indebted(), 10, NOW - 30 * DAY) == indebted()


def test_without_a_half_life_nothing_is_forgotten() -> None:
    assert forgotten(indebted(), None, NOW + 900 * DAY).credits == indebted().credits


@settings(max_examples=40)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 60), st.integers(1, 100))
def test_forgetting_changes_no_share(weights: list[int], hours: int, half_life: int) -> None:
    office, memory = Office(pool(*weights, half_life_days=half_life)), Office(pool(*weights))
    step = timedelta(hours=hours)
    assert office.deal(3 * sum(weights), step=step) == memory.deal(3 * sum(weights), step=step)


def test_every_test_may_be_credited_and_no_other_word() -> None:
    assert set(get_args(Credited)) == {name for name, _ in TESTS}


def test_who_was_asked_by_another_pool_already_misses_nothing_here() -> None:
    office = Office(pool(1, 1))
    found = office.draw({}).candidates[:1]
    draw = Draw.of(Lead(lead_id="1"), office.pool, found, Staffing(), team_of(office.pool), NOW)
    ledger = draw.after("rep0")["p"].of("other")
    assert ledger.credits == {"absence": {"rep1": MILLION}}
    assert set(ledger.shortfalls().values()) == {0}
