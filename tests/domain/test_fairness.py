"""Fair turns: within one lead of the exact share, at every moment, whatever the weights and whoever is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.ledger import MILLION, Ledger, Turns
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.strategies import next_rep
from leadrelay.domain.routing.team import Fairness, Member, Pool, Rep, Strategy, TeamPolicy
from tests.domain.people import NOW

WEIGHTS = st.lists(st.sampled_from([1, 1, 2, 3, 5, 8, 20, 60, 100]), min_size=1, max_size=9)
FEW = st.lists(st.integers(1, 10), min_size=2, max_size=5)
Failed = Callable[[int], Mapping[str, str]]


def pool(*weights: int, strategy: Strategy = "weighted_round_robin", **fairness: object) -> Pool:
    members = tuple(Member(rep=f"rep{place}", weight=weight) for place, weight in enumerate(weights))
    policy = Fairness.model_validate({"half_life_days": None, **fairness})
    return Pool(id="p", name="p", members=members, manager="boss", strategy=strategy, fairness=policy)


def team_of(pool: Pool, since: Mapping[str, date] | None = None) -> TeamPolicy:
    reps = [
        Rep(id=member.rep, name="", email="", calendar="", since=(since or {}).get(member.rep))
        for member in pool.members
    ]
    return TeamPolicy(reps=tuple(reps), pools=(pool,), revops="boss")


class Office:
    """A pool at work: leads come one after another, `step` apart, and each is given by turn."""

    def __init__(self, pool: Pool, turns: Turns | None = None, since: Mapping[str, date] | None = None) -> None:
        self.pool, self.turns, self.since = pool, turns or Turns(), since
        self.now, self.number = NOW, 0
        self.states: dict[str, RepState] = {}

    def draw(self, failed: Mapping[str, str], temperature: str | None = None, preferred: tuple[str, ...] = ()) -> Draw:
        lead = Lead(lead_id=f"lead {self.number}").with_(temperature=temperature)
        found = [
            Candidate(
                rep=member.rep,
                failed=failed.get(member.rep),
                weight=member.weight,
                preferred=member.rep in preferred,
            )
            for member in self.pool.members
        ]
        staffing = Staffing({self.pool.id: self.turns}, self.states)
        return Draw.of(lead, self.pool, found, staffing, team_of(self.pool, self.since), self.now)

    def one(
        self,
        failed: Mapping[str, str] | None = None,
        temperature: str | None = None,
        preferred: tuple[str, ...] = (),
    ) -> str | None:
        draw = self.draw(failed or {}, temperature, preferred)
        rep = next_rep(draw)
        self.number += 1
        if rep is not None:
            self.turns = draw.after(rep)[self.pool.id]
        return rep

    def deal(
        self, leads: int, failed: Mapping[str, str] | None = None, step: timedelta = timedelta()
    ) -> list[str | None]:
        got = []
        for _ in range(leads):
            got.append(self.one(failed))
            self.now += step
        return got

    @property
    def ledger(self) -> Ledger:
        return self.turns.of("other")


def away(*reps: str) -> dict[str, str]:
    return dict.fromkeys(reps, "away")


# ---- everybody is there


@settings(max_examples=150)
@given(WEIGHTS)
def test_every_prefix_is_within_one_lead_of_the_exact_share(weights: list[int]) -> None:
    office = Office(pool(*weights, half_life_days=1))
    for given_out in range(1, min(sum(weights), 150) + 1):
        office.one()
        office.now += timedelta(hours=7)
        for place, weight in enumerate(weights):
            assert abs(office.turns.given[f"rep{place}"] - Fraction(given_out * weight, sum(weights))) < 1


def test_equal_weights_take_turns() -> None:
    got = Office(pool(1, 1, 1)).deal(9)
    assert set(got[:3]) == {"rep0", "rep1", "rep2"}
    assert got == got[:3] * 3


def test_ties_go_to_the_larger_weight_then_the_longest_wait() -> None:
    got = Office(pool(2, 1, 2)).deal(500)
    assert set(got[:2]) == {"rep0", "rep2"}
    assert got[2] == "rep1"
    assert got[3:5] == got[:2]
    assert Counter(got) == {"rep0": 200, "rep1": 100, "rep2": 200}


@settings(max_examples=60)
@given(FEW, st.integers(0, 10_000))
def test_the_order_of_the_pool_changes_nothing(weights: list[int], seed: int) -> None:
    """Whoever is away, full or new meanwhile, and however the members are listed."""
    dice, team = Random(seed), pool(*weights, ramp_days=20)
    members = dice.sample(team.members, len(team.members))
    since = {"rep0": NOW.date(), "rep1": NOW.date() - timedelta(days=4)}
    one, other = Office(team, since=since), Office(team.with_(members=tuple(members)), since=since)
    for _ in range(60):
        failed = {each.rep: dice.choice(["away", "cap", "skill"]) for each in members if dice.random() < 0.2}
        temperature = dice.choice(["hot", "warm"])
        assert one.one(failed, temperature) == other.one(failed, temperature)
        one.now = other.now = one.now + timedelta(hours=9)
    assert one.turns == other.turns


@settings(max_examples=60)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=4), st.lists(st.booleans(), min_size=1, max_size=80))
def test_hot_leads_are_shared_fairly_apart(weights: list[int], hot: list[bool]) -> None:
    office = Office(pool(*weights))
    for each in hot:
        office.one(temperature="hot" if each else "warm")
        for ledger in office.turns.ledgers.values():
            for rep, weight in ledger.weights.items():
                assert abs(ledger.given[rep] - Fraction(ledger.total * weight, sum(weights))) < 1
    assert office.turns.total == len(hot)
    assert office.turns.of("hot").total == sum(hot)


def test_nobody_free_is_nobody_chosen_and_no_turn_taken() -> None:
    office = Office(pool(1, 2))
    assert office.one({"rep0": "cap", "rep1": "away"}) is None
    assert office.turns == Turns()


def test_turns_survive_being_stored_and_the_first_release_is_understood() -> None:
    office = Office(pool(3, 2, 1, half_life_days=3), since={"rep2": NOW.date()})
    office.deal(50, away("rep1"), timedelta(hours=5))
    assert Turns.model_validate_json(office.turns.model_dump_json()) == office.turns
    former = {"given": {"rep0": 3, "rep1": 2}, "last": {"rep0": 5, "rep1": 4}, "weights": {"rep0": 1, "rep1": 1}}
    read = Turns.model_validate(former)
    assert (read.given, read.total, read.of("hot")) == ({"rep0": 3, "rep1": 2}, 5, Ledger())
    assert Office(pool(1, 1), read).one() == "rep1"


def test_what_decided_is_told_of_every_candidate() -> None:
    office = Office(pool(2, 1, 1))
    office.deal(8)
    office.deal(4, away("rep2"))
    told = {each.rep: each for each in office.draw({}).candidates}
    assert {rep: each.given for rep, each in told.items()} == {"rep0": 7, "rep1": 3, "rep2": 2}
    assert [told[f"rep{place}"].credit for place in range(3)] == pytest.approx([0, 0, 4 / 3], abs=1e-5)
    assert [told[f"rep{place}"].behind for place in range(3)] == pytest.approx([1 / 6, 7 / 12, 1 / 4], abs=1e-5)


# ---- the pool changes


@given(weights=FEW, before=st.integers(0, 200), newcomer=st.integers(1, 10))
def test_a_new_member_neither_floods_nor_starves(weights: list[int], before: int, newcomer: int) -> None:
    office = Office(pool(*weights))
    office.deal(before)
    office.pool = pool(*weights, newcomer)
    got = office.deal(2 * (sum(weights) + newcomer))
    assert abs(got.count(f"rep{len(weights)}") - 2 * newcomer) <= 2


def test_a_new_member_starts_at_the_level_of_the_pool() -> None:
    office = Office(pool(1, 1))
    office.deal(100)
    office.pool = pool(1, 1, 2)
    office.one()
    assert office.ledger.credits["new"] == {"rep2": 100 * MILLION}


@given(weights=FEW, before=st.integers(0, 200), changed=st.integers(1, 10))
def test_a_changed_weight_counts_from_now_on(weights: list[int], before: int, changed: int) -> None:
    office = Office(pool(*weights))
    office.deal(before)
    office.pool = pool(changed, *weights[1:])
    got = office.deal(2 * (changed + sum(weights[1:])))
    assert abs(got.count("rep0") - 2 * changed) <= 2


def test_all_weights_changed_at_once_keep_the_level() -> None:
    office = Office(pool(1, 1))
    office.deal(100)
    office.pool = pool(3, 2)
    assert Counter(office.deal(50)) == {"rep0": 30, "rep1": 20}


def test_who_left_is_forgotten_and_comes_back_as_new() -> None:
    office = Office(pool(1, 1, 1))
    office.deal(30, {"rep2": "cap"})
    office.pool = pool(1, 1)
    office.deal(10)
    assert set(office.ledger.given) == {"rep0", "rep1"}
    office.pool = pool(1, 1, 1)
    assert Counter(office.deal(30)) == {"rep0": 10, "rep1": 10, "rep2": 10}


def test_another_strategy_owes_nobody_what_the_former_did_not_promise() -> None:
    office = Office(pool(3, 1, strategy="round_robin"))
    office.deal(100)
    office.pool = pool(3, 1)
    assert Counter(office.deal(40)) == {"rep0": 30, "rep1": 10}
