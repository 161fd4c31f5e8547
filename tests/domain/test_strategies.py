"""Strategies: what each one means, and that chance prefers nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.strategies import STRATEGIES, next_rep
from leadrelay.domain.routing.team import Strategy
from tests.domain.people import NOW
from tests.domain.test_fairness import Office, away, pool, team_of

HOUR = timedelta(hours=1)


def drawn(strategy: Strategy, weights: tuple[int, ...], turns: Turns | None = None, **states: RepState) -> Draw:
    team = pool(*weights, strategy=strategy)
    found = [Candidate(rep=member.rep, weight=member.weight) for member in team.members]
    return Draw.of(Lead(lead_id="1"), team, found, Staffing({"p": turns or Turns()}, states), team_of(team), NOW)


def test_every_strategy_of_the_rules_is_there() -> None:
    assert set(STRATEGIES) == set(Strategy.__args__)  # type: ignore[attr-defined]


# ---- chance


def test_chance_prefers_neither_a_name_nor_a_place_nor_who_was_there_first() -> None:
    """The first lead of a pool of equals, over hashes of many lead ids: chi-square with seven degrees of freedom stays
    under what one fair sample in a thousand would exceed."""
    leads, reps = 4000, 8
    won: Counter[str | None] = Counter()
    for number in range(leads):
        office = Office(pool(*[1] * reps))
        office.number = number
        won[office.one()] += 1
    exact = leads / reps
    assert sum((won[f"rep{place}"] - exact) ** 2 / exact for place in range(reps)) < 24.32


def test_the_same_lead_meets_the_same_chance() -> None:
    assert {Office(pool(1, 1, 1, 1)).one() for _ in range(5)} == {Office(pool(1, 1, 1, 1)).one()}


# ---- strict round robin


def test_the_circle_goes_on_and_who_is_skipped_loses_the_turn() -> None:
    office = Office(pool(5, 1, 1, 1, strategy="round_robin"))
    assert office.deal(5) == ["rep0", "rep1", "rep2", "rep3", "rep0"]
    assert office.deal(2, away("rep1")) == ["rep2", "rep3"]
    assert office.deal(3) == ["rep0", "rep1", "rep2"]
    assert office.deal(2, {"rep3": "cap", "rep0": "cap"}) == ["rep1", "rep2"]


def test_what_was_theirs_anyway_does_not_move_the_circle() -> None:
    office = Office(pool(1, 1, 1, strategy="round_robin"))
    office.deal(1)
    office.turns = office.draw({}).after("rep2", by_turn=False)["p"]
    assert office.deal(2) == ["rep1", "rep2"]


# ---- least loaded


def test_the_fewest_open_leads_for_their_weight_win() -> None:
    state = {"rep0": RepState(open=5), "rep1": RepState(open=3), "rep2": RepState(open=4)}
    assert next_rep(drawn("least_loaded", (2, 1, 1), **state)) == "rep0"
    assert next_rep(drawn("least_loaded", (1, 1, 1), **state)) == "rep1"


@pytest.mark.parametrize(("age", "rep"), [(HOUR, "rep1"), (25 * HOUR, "rep0")])
def test_what_the_crm_counts_is_heeded_while_it_is_fresh(age: timedelta, rep: str) -> None:
    elsewhere = RepState(open=1, crm_open=30, crm_seen_at=NOW - age)
    assert next_rep(drawn("least_loaded", (1, 1), rep0=elsewhere, rep1=RepState(open=2))) == rep


def test_the_crm_never_counts_less_than_we_gave() -> None:
    assert RepState(open=7, crm_open=2, crm_seen_at=NOW).load(NOW) == 7


def test_equally_loaded_reps_take_turns() -> None:
    assert Counter(Office(pool(1, 1, 1, strategy="least_loaded")).deal(9)) == {"rep0": 3, "rep1": 3, "rep2": 3}


def test_equally_loaded_reps_take_turns_by_their_weights() -> None:
    """Leads that are done as soon as they come load nobody: who has half a post is not left out."""
    assert Counter(Office(pool(2, 2, 1, strategy="least_loaded")).deal(10)) == {"rep0": 4, "rep1": 4, "rep2": 2}


# ---- fastest responder


def test_the_quickest_wins() -> None:
    state = {"rep0": RepState(response_seconds=300, responses=9), "rep1": RepState(response_seconds=60, responses=9)}
    assert next_rep(drawn("fastest_responder", (9, 1), **state)) == "rep1"


def test_who_has_no_record_yet_counts_as_the_median() -> None:
    known = {f"rep{place}": RepState(response_seconds=seconds) for place, seconds in enumerate((100, 300, 200))}
    office = Office(pool(1, 1, 1, 2, strategy="fastest_responder"))
    office.states = known
    assert next_rep(office.draw({})) == "rep0"
    assert next_rep(office.draw(away("rep0"))) == "rep3", "as quick as the middle one, and of a larger weight"
    assert next_rep(office.draw(away("rep0", "rep3"))) == "rep2"


def test_equally_quick_reps_take_turns_by_their_weights() -> None:
    """As all are before anybody has a record: who has half a post gets a chance to have one."""
    office = Office(pool(2, 2, 1, strategy="fastest_responder"))
    assert Counter(office.deal(10)) == {"rep0": 4, "rep1": 4, "rep2": 2}


def test_speed_drowns_nobody() -> None:
    """Four reps of one weight: the quickest get half more than their share each, until nothing is left."""
    office = Office(pool(1, 1, 1, 1, strategy="fastest_responder"))
    office.states = {f"rep{place}": RepState(response_seconds=60 * (place + 1)) for place in range(4)}
    got = Counter(office.deal(400))
    assert abs(got["rep0"] - 150) <= 2
    assert abs(got["rep1"] - 150) <= 2
    assert abs(got["rep2"] - 100) <= 3
    assert got["rep3"] <= 2


# ---- claim


def test_a_pool_in_which_the_first_who_accepts_has_it_chooses_nobody() -> None:
    draw = drawn("claim", (1, 1))
    assert (next_rep(draw), draw.free) == (None, ["rep0", "rep1"])


# ---- preference


def test_who_has_what_the_rule_would_rather_see_is_first() -> None:
    for number in range(8):
        office = Office(pool(1, 1, 1, 1))
        office.number = number
        assert office.one(preferred=("rep2",)) == "rep2"
    assert Office(pool(1, 1, 1, 1)).one({"rep2": "cap"}, preferred=("rep2",)) != "rep2"


def test_of_two_who_are_preferred_the_turn_decides() -> None:
    office = Office(pool(1, 1, 1, 1))
    assert {office.one(preferred=("rep1", "rep3")) for _ in range(2)} == {"rep1", "rep3"}


def test_a_preference_takes_nobody_more_than_a_lead_ahead() -> None:
    office, most = Office(pool(2, 1, 1)), Fraction(0)
    for _ in range(60):
        office.one(preferred=("rep1",))
        most = max(most, -office.ledger.shortfalls()["rep1"])
    assert most == 1
    assert office.turns.given["rep1"] == 16, "its share, and one"
