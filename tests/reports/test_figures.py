"""The arithmetic of reports, against numbers worked out by hand and the standard library's."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.reports.figures import counts_differ, mean, median, quantile, seconds_between, share, shares_differ

some = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def test_nothing_has_no_share_no_mean_and_no_middle() -> None:
    assert share(3, 0) is None
    assert mean([]) is None
    assert median([]) is None
    assert quantile([], 0.9) is None


def test_a_share_may_be_more_than_the_whole() -> None:
    assert share(3, 2) == 1.5


def test_between_two_values_a_quantile_lies_on_a_straight_line() -> None:
    assert quantile([40, 10, 20, 30], 0.9) == pytest.approx(37)
    assert quantile([5], 0.9) == 5
    assert median([1, 2]) == 1.5


@given(some)
def test_quantiles_are_those_of_the_standard_library(values: list[float]) -> None:
    theirs = statistics.quantiles(values, n=10, method="inclusive")
    assert [quantile(values, part / 10) for part in range(1, 10)] == pytest.approx(theirs)
    assert mean(values) == pytest.approx(statistics.fmean(values))


def test_times_that_lack_an_end_or_go_backwards_are_no_times() -> None:
    assert seconds_between([(1000, 3500), (None, 5), (5, None), (9000, 1000), (7, 7)]) == [2.5, 0.0]


def test_a_small_difference_of_shares_is_chance_and_a_great_one_is_not() -> None:
    # pooled 0.15, error sqrt(0.1275 * 0.02) = 0.0505: 0.10 is 1.98 of them, 0.09 is 1.80
    assert shares_differ(10, 100, 20, 100)
    assert not shares_differ(10, 100, 19, 100)


def test_nothing_differs_from_nothing() -> None:
    assert not shares_differ(0, 0, 20, 100)
    assert not shares_differ(0, 100, 0, 100)
    assert not shares_differ(100, 100, 50, 50)
    assert not counts_differ(0, 0)


def test_counts_differ_by_twice_the_root_of_their_sum() -> None:
    assert counts_differ(80, 110)  # 30 > 1.96 * 13.8
    assert not counts_differ(80, 105)  # 25 < 1.96 * 13.6
