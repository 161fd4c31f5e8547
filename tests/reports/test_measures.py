"""Means and percentiles are those of the statistics module; there is none of nothing."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.measures import known, mean, median, percentile, share

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
