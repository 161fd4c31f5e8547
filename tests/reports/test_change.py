"""What moved, and why, against numbers worked out by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.reports.change import Through, cause, counts_differ, shares_differ


def test_a_small_difference_of_shares_is_chance_and_a_great_one_is_not() -> None:
    # pooled 0.15, error sqrt(0.1275 * 0.02) = 0.0505: 0.10 is 1.98 of them, 0.09 is 1.80
    assert shares_differ(Through(100, 10), Through(100, 20))
    assert not shares_differ(Through(100, 10), Through(100, 19))


def test_nothing_differs_from_nothing() -> None:
    assert not shares_differ(Through(0, 0), Through(100, 20))
    assert not shares_differ(Through(100, 0), Through(100, 0))
    assert not shares_differ(Through(100, 100), Through(50, 50))
    assert not counts_differ(0, 0)
    assert cause(Through(0, 0), Through(0, 0)) is None


def test_counts_differ_by_twice_the_root_of_their_sum() -> None:
    assert counts_differ(80, 110)  # 30 > 1.96 * 13.8
    assert not counts_differ(80, 105)  # 25 < 1.96 * 13.6


def test_fewer_came_is_traffic_and_a_smaller_part_through_is_handling() -> None:
    assert cause(Through(50, 20), Through(200, 80)) == "traffic"
    assert cause(Through(200, 20), Through(200, 80)) == "handling"
    assert cause(Through(300, 20), Through(200, 80)) == "handling"
    assert cause(Through(200, 80), Through(200, 20)) is None
    assert cause(Through(0, 0), Through(200, 80)) == "traffic"


# counts are of two equally long times
throughs = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: Through(max(pair), min(pair)))


@given(throughs, throughs)
def test_differing_is_mutual_and_only_what_fell_has_a_cause(now: Through, before: Through) -> None:
    assert shares_differ(now, before) == shares_differ(before, now)
    assert counts_differ(now.out, before.out) == counts_differ(before.out, now.out)
    assert (cause(now, before) is not None) == (now.out < before.out and counts_differ(now.out, before.out))
