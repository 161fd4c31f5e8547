"""The benchmark measures what really happens: every lead goes all the way, and the bill adds up."""

from __future__ import annotations

from bench import cost, speed
from bench.crowd import crowd


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


def test_sizes_are_counted_as_the_table_counts_them() -> None:
    assert cost.size({"pk": {"S": "ż"}, "v": {"N": "123"}}) == 2 + 2 + 1 + 3
