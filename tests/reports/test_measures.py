"""Means and percentiles are those of the statistics module; there is none of nothing."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.measures import (
    counts_differ,
    known,
    mean,
    median,
    percentile,
    seconds_between,
    share,
    shares_differ,
)

VALUES = st.lists(st.integers(0, 10**9), min_size=2, max_size=30)


def test_of_nothing_there_is_nothing() -> None:
    assert [share(0, 0), mean([]), median([]), percentile([], 0.9)] == [None] * 4
    assert known([1, None, 0]) == [1, 0]


def test_of_one_it_is_that_one() -> None:
    assert [mean([7]), median([7]), percentile([7], 0.9)] == [7, 7, 7]


@settings(max_examples=60)
@given(VALUES)
def test_they_are_what_the_textbook_says(values: list[int]) -> None:
    tenths = statistics.quantiles(values, n=10, method="inclusive")

    assert median(values) == statistics.median(values)
    assert mean(values) == pytest.approx(statistics.fmean(values))
    assert percentile(values, 0.9) == pytest.approx(tenths[8])
    assert (percentile(values, 0), percentile(values, 1)) == (min(values), max(values))


def test_a_share_is_of_the_whole() -> None:
    assert share(1, 4) == 0.25


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
