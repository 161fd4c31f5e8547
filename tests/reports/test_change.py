"""Why a number fell, against numbers worked out by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.reports.change import Through, cause
from leadrelay.reports.measures import counts_differ


def test_fewer_came_is_traffic_and_a_smaller_part_through_is_handling() -> None:
    assert cause(Through(50, 20), Through(200, 80)) == "traffic"
    assert cause(Through(200, 20), Through(200, 80)) == "handling"
    assert cause(Through(300, 20), Through(200, 80)) == "handling"
    assert cause(Through(200, 80), Through(200, 20)) is None
    assert cause(Through(0, 0), Through(200, 80)) == "traffic"
    assert cause(Through(0, 0), Through(0, 0)) is None


# of the 60 fewer 32 are those of the 40 that did not come; with 63 that came it is 29.6 of them
def test_the_greater_half_names_the_cause() -> None:
    assert cause(Through(60, 20), Through(100, 80)) == "traffic"
    assert cause(Through(63, 20), Through(100, 80)) == "handling"


throughs = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: Through(max(pair), min(pair)))


@given(throughs, throughs)
def test_only_what_fell_by_more_than_chance_has_a_cause(now: Through, before: Through) -> None:
    assert (cause(now, before) is not None) == (now.out < before.out and counts_differ(now.out, before.out))
