"""The three gates, every placement of a dying process in one lead, and that a seed is one history."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import exhaustive
from tests.simulation.order import Known
from tests.simulation.report import Report, catches, one, regressions, simulate, spread
from tests.simulation.run import CAUGHT_WITHIN
from tests.simulation.shrink import shrunk
from tests.simulation.situations import too_rare
from tests.simulation.world import World

SEEDS = 2_000
JOBS = os.cpu_count() or 2
HOME = Path(__file__).parents[2]

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def report() -> Report:
    return simulate(range(SEEDS), JOBS)


def test_no_promise_is_broken_in_any_history(report: Report) -> None:
    if report.broken:
        seed, number, what = min(report.broken)
        history = shrunk(seed)
        pytest.fail(f"seed {seed}, promise {number}: {what}\n{history.history if history else ''}")
    assert report.seeds == SEEDS


def test_every_rare_situation_occurs_sometimes(report: Report) -> None:
    assert too_rare(report.seen, report.seeds) == []


def test_every_planted_bug_is_caught() -> None:
    caught = catches(CAUGHT_WITHIN, JOBS)
    assert len(caught) >= 50
    assert [name for name, found in caught.items() if found is None] == []


@pytest.mark.parametrize("seed", regressions())
def test_what_failed_once_holds(seed: int) -> None:
    assert one(seed).broken == []


def test_one_lead_survives_any_one_broken_call() -> None:
    assert exhaustive.broken(exhaustive.singles(), JOBS) == {}


def test_one_lead_survives_a_process_that_dies_at_any_two_calls() -> None:
    ends = exhaustive.pairs(JOBS)
    assert len(ends) > 5_000
    assert {places: end.broken for places, end in ends.items() if end.broken} == {}


def test_who_dies_at_a_question_leaves_behind_what_the_change_before_it_left() -> None:
    """So that of two deaths only those are tried that differ."""
    same = [(number, place) for number, place in exhaustive.as_at(exhaustive.told({})) if place != (number, "before")]
    places = {place for number, place in same} | {(number, "before") for number, _ in same}
    left = dict(spread(_left, sorted(places), JOBS))
    assert [number for number, place in same if left[number, "before"] != left[place]] == []


def _left(place: tuple[int, str]) -> tuple[tuple[int, str], tuple[object, ...]]:
    return place, exhaustive.left(place)


def history(seed: int) -> tuple[int, int, list[str]]:
    world = World(seed).run()
    return world.hub.trace, world.door.calls, sorted(map(str, world.store.rows.values()))


def test_the_same_seed_is_the_same_history() -> None:
    for seed in range(20):
        assert history(seed) == history(seed)


def test_a_seed_is_the_same_history_in_every_process() -> None:
    """Even where Python hashes texts differently."""
    program = "from tests.simulation.world import World; print([World(seed).run().hub.trace for seed in range(20)])"
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=HOME,
            env={**os.environ, "PYTHONHASHSEED": str(salt)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in (1, 2)
    }
    assert len(runs) == 1


def test_a_failing_seed_is_shrunk_to_a_history_with_less_in_it() -> None:
    from tests.simulation.planted_bugs import PLANTED

    with PLANTED["a warning does not change the clock"]():
        seed = next(seed for seed in range(100) if World(seed).run().broken)
        whole = World(seed).run()
        found = shrunk(seed)
    assert found is not None
    assert len(found.keep) <= 5 < len(whole.dice.struck)
    assert found.without
    assert "promise 6 is broken: SlaWarned twice" in found.history


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Known("ada"), Known("ada", "alpha.example"), True),
        (Known("ada", "alpha.example"), Known("ada", "alpha.example"), True),
        (Known("ada", "alpha.example"), Known("ada", "beta.example"), False),
        (Known("ada"), Known("bob"), False),
        (Known("ada"), None, False),
    ],
)
def test_one_order_may_know_no_account_of_a_name_yet_but_never_another(
    one: Known, other: Known | None, same: bool
) -> None:
    assert one.is_as(other) is same
