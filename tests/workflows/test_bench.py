"""The benchmark measures what really happens: every lead goes all the way, and the bill adds up."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from random import Random

from bench import clocks, cost, deadlines, decisions, night, points, pool, speed
from bench.crowd import crowd
from leadrelay.domain.scoring.score import scored
from tests.system import MONDAY_NOON


def test_the_crowd_is_the_same_on_every_machine() -> None:
    assert list(crowd(5, 1)) == list(crowd(5, 1)) != list(crowd(5, 2))


def test_every_lead_goes_through_every_step() -> None:
    fast = speed.measure(leads=5, seed=1)
    for step in ("ingest", "fetch", "score", "route"):
        assert len(fast.milliseconds[step]) == 5
    assert fast.percentile("score", 50) <= fast.percentile("score", 99)
    assert fast.calls["crm.write"] >= 5


def test_the_bill_adds_up_and_a_lead_stays_within_its_budget() -> None:
    bill = cost.measure(leads=4, seed=1)
    assert bill.units.total() == bill.kinds.total()
    assert bill.calls.total() / bill.leads < 30
    assert 20 < bill.units.total() / bill.leads < 130


def test_a_lead_is_scored_by_exactly_thirty_rules_and_most_have_points() -> None:
    worth = points.measure(leads=10, seed=1)
    assert worth.rules == points.RULES == 30
    assert min(worth.score, worth.next_change) > 0
    people = [points.person(Random(number), points.thirty()) for number in range(50)]
    totals = [scored(lead, profile, points.thirty(), MONDAY_NOON).score.total for lead, profile in people]
    assert sum(total > 0 for total in totals) > 40


def test_deadlines_are_really_counted() -> None:
    paces = deadlines.measure(40)
    assert [pace.name for pace in paces] == [*deadlines.WORK, "why it is due then"]
    assert all(pace.warm > 0 for pace in paces)
    assert [pace.name for pace in paces if pace.cold is None] == ["why it is due then"]


def test_an_owner_is_chosen_among_a_hundred_by_the_last_of_two_hundred_rules() -> None:
    owners = decisions.measure(leads=90)
    assert (len(decisions.large().routing.rules), len(owners.given)) == (decisions.RULES, decisions.REPS) == (200, 100)
    assert min(owners.rule, owners.choice) > 0
    assert sum(owners.given.values()) == 90
    out = [owners.given[f"rep-{place}"] for place in range(100) if place % 10 < 2]
    assert set(out) == {0}, "who is away or full gets none"


def test_sizes_are_counted_as_the_table_counts_them() -> None:
    assert cost.size({"pk": {"S": "ż"}, "v": {"N": "123"}}) == 2 + 2 + 1 + 3


def test_a_night_judges_everybody_once_and_writes_only_who_changed() -> None:
    town = night.measure(leads=200, seed=1, people=20).town
    assert (town.judged, town.calls["commit"]) == (200, 200)
    assert 0 < town.changed < 200
    assert 10 < town.calls["load_all"] <= 10 + town.changed, "a page is read with one question, a card with another"
    assert town.calls["due"] == 10
    assert town.units["rescore"] == 200 * 4, "two for the row, two for its place in the index"
    assert town.units["conditions"] == (200 - town.changed) * 2


def test_twice_as_many_leads_cost_twice_as_much_and_no_more_memory() -> None:
    (few, little), (many, much) = traced(200), traced(400)
    assert many.units == Counter({name: 2 * units for name, units in few.units.items()})
    assert many.calls["commit"] == 2 * few.calls["commit"]
    assert much < little * 1.1, "what is judged is forgotten"


def traced(leads: int) -> tuple[night.Town, int]:
    """The store, and the most memory in bytes that was in use."""
    tracemalloc.start()
    try:
        return night.measure(leads, seed=1, people=20).town, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_pool_that_gives_out_ten_together_asks_and_writes_less() -> None:
    alone, together = pool.measure(leads=20)
    assert (alone.calls["commit"], together.calls["commit"]) == (20, 2)
    assert together.calls.total() * 5 < alone.calls.total()
    assert together.units["pool"] < alone.units["pool"]
    assert together.units["lead"] == alone.units["lead"] > 0


def test_after_an_outage_every_clock_is_worked_off_once_with_few_questions() -> None:
    drained = clocks.measure(clocks=450, seed=1, people=20)
    assert drained.facts["SlaBreached"] == drained.calls["commit"] == 450
    assert drained.calls["load_all"] <= 450 + 3, "beside one for each, a page is read with one question"
    assert drained.calls["query"] < 0.5 * 450
    assert 1 < drained.read_units < 20
    assert 10 < drained.write_units < 80
    assert drained.a_second > 0
