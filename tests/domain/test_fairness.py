"""Fair turns: within one lead of the exact share, at every moment, whatever the weights."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.routing.fairness import Turns, next_turn, seated, shortfalls, taken
from leadrelay.domain.routing.team import Member, Pool


def pool(*weights: int) -> Pool:
    members = tuple(Member(rep=f"rep{place}", weight=weight) for place, weight in enumerate(weights))
    return Pool(id="p", name="p", members=members, manager="boss")


def dealt(team: Pool, leads: int, turns: Turns | None = None, away: tuple[str, ...] = ()) -> tuple[Turns, list[str]]:
    """So many leads given out one after another."""
    turns, got = seated(turns or Turns(), team), []
    for _ in range(leads):
        turns = seated(turns, team)
        rep = next_turn(turns, team, [member.rep for member in team.members if member.rep not in away])
        assert rep is not None
        turns = taken(turns, rep)
        got.append(rep)
    return turns, got


@settings(max_examples=150)
@given(st.lists(st.sampled_from([1, 1, 2, 3, 5, 8, 20, 60, 100]), min_size=1, max_size=9))
def test_every_prefix_is_within_one_lead_of_the_exact_share(weights: list[int]) -> None:
    team = pool(*weights)
    turns = seated(Turns(), team)
    for given_out in range(1, min(sum(weights), 150) + 1):
        rep = next_turn(turns, team, list(turns.given))
        turns = taken(turns, rep or "")
        for place, weight in enumerate(weights):
            assert abs(turns.given[f"rep{place}"] - Fraction(given_out * weight, sum(weights))) < 1


def test_equal_weights_take_turns_in_their_order() -> None:
    assert dealt(pool(1, 1, 1), 7)[1] == ["rep0", "rep1", "rep2"] * 2 + ["rep0"]


def test_ties_go_to_the_larger_weight_then_the_longest_wait_then_the_place() -> None:
    team = pool(2, 1, 2)
    assert dealt(team, 5)[1] == ["rep0", "rep2", "rep1", "rep0", "rep2"]
    assert Counter(dealt(team, 500)[1]) == {"rep0": 200, "rep1": 100, "rep2": 200}


@given(
    weights=st.lists(st.integers(1, 10), min_size=2, max_size=5),
    before=st.integers(0, 200),
    newcomer=st.integers(1, 10),
)
def test_a_new_member_neither_floods_nor_starves(weights: list[int], before: int, newcomer: int) -> None:
    turns, _ = dealt(pool(*weights), before)
    team = pool(*weights, newcomer)
    after = sum(weights) + newcomer
    _, got = dealt(team, 2 * after, turns)
    assert abs(got.count(f"rep{len(weights)}") - 2 * newcomer) <= 2


@given(
    weights=st.lists(st.integers(1, 10), min_size=2, max_size=5), before=st.integers(0, 200), changed=st.integers(1, 10)
)
def test_a_changed_weight_counts_from_now_on(weights: list[int], before: int, changed: int) -> None:
    turns, _ = dealt(pool(*weights), before)
    team = pool(changed, *weights[1:])
    total = changed + sum(weights[1:])
    _, got = dealt(team, 2 * total, turns)
    assert abs(got.count("rep0") - 2 * changed) <= 2


def test_all_weights_changed_at_once_keep_the_level() -> None:
    turns, _ = dealt(pool(1, 1), 100)
    assert Counter(dealt(pool(3, 2), 50, turns)[1]) == {"rep0": 30, "rep1": 20}


def test_who_left_is_forgotten() -> None:
    turns, _ = dealt(pool(1, 1, 1), 30)
    assert set(seated(turns, pool(1, 1)).given) == {"rep0", "rep1"}


def test_who_was_skipped_catches_up() -> None:
    turns, _ = dealt(pool(1, 1), 4, away=("rep1",))
    assert dealt(pool(1, 1), 4, turns)[1] == ["rep1"] * 4


def test_nobody_free_is_nobody_chosen() -> None:
    assert next_turn(seated(Turns(), pool(1, 2)), pool(1, 2), []) is None


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 40))
def test_shortfalls_add_up_to_the_one_lead_that_is_given_now(weights: list[int], leads: int) -> None:
    turns, _ = dealt(pool(*weights), leads)
    own = {f"rep{place}": weight for place, weight in enumerate(weights)}
    assert sum(shortfalls(turns, own).values()) == 1
