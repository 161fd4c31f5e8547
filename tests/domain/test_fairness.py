"""Fair turns: within one lead of the exact share, at every moment, whatever the weights and whoever is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.ledger import Ledger, Turns
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

    def draw(self, failed: Mapping[str, str], temperature: str | None = None) -> Draw:
        lead = Lead(lead_id=f"lead {self.number}").with_(temperature=temperature)
        found = [
            Candidate(rep=member.rep, failed=failed.get(member.rep), weight=member.weight)
            for member in self.pool.members
        ]
        staffing = Staffing({self.pool.id: self.turns})
        return Draw.of(lead, self.pool, found, staffing, team_of(self.pool, self.since), self.now)

    def one(self, failed: Mapping[str, str] | None = None, temperature: str | None = None) -> str | None:
        draw = self.draw(failed or {}, temperature)
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


@given(FEW, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_order_of_the_pool_changes_nothing(weights: list[int], leads: int, dice: object) -> None:
    team = pool(*weights)
    members = list(team.members)
    dice.shuffle(members)  # type: ignore[attr-defined]
    assert Office(team).deal(leads) == Office(team.with_(members=tuple(members))).deal(leads)
