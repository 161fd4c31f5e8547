"""Groups: each row is in the group whose conditions find it, and in no other."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import (
    Group,
    Measure,
    by_column,
    by_edges,
    by_month,
    everything,
    known_in,
    leads_of,
    number,
    table,
)
from leadrelay.reports.result import Column
from tests.reports.tables import holds


class Row(NamedTuple):
    lead_id: str | None
    source: str | None = None
    score: int | None = None
    at_ms: int = 0


ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from(["a", "b", "c", "d", None]),
        st.sampled_from(["meta", "web", None]),
        st.none() | st.integers(0, 100),
        st.integers(1_767_000_000_000, 1_775_000_000_000),
    ),
    max_size=15,
)
YEAR = Asked(since=date(2025, 12, 1), until=date(2026, 4, 30), zone="Europe/Belgrade")
TOP = Measure[Row]("top", "score", lambda rows: max((row.score or 0 for row in rows), default=None))


def opened(group: Group[Row], rows: list[Row]) -> list[Row]:
    return [row for row in rows if all(holds(one, row) for one in group.opens or ())]


@settings(max_examples=80)
@given(ROWS)
def test_a_group_is_what_its_conditions_find(rows: list[Row]) -> None:
    whole = everything(rows)
    scored = known_in(whole, "score")
    sources = by_column(whole, "source")
    bands = by_edges(scored, "score", [0, 40, 80], ["low", "middle", "high"])
    months = by_month(whole, "at_ms", YEAR)

    for group in [whole, scored, known_in(whole, "score", "missing"), *sources, *bands, *months]:
        assert opened(group, rows) == list(group.rows)
    for split, total in ((sources, whole), (bands, scored), (months, whole)):
        assert sum(len(group.rows) for group in split) == len(total.rows)


def test_the_largest_group_is_first_and_those_without_a_value_last() -> None:
    rows = [Row("a"), Row("b"), Row("c", "web"), Row("d", "meta"), Row("e", "meta")]

    assert [group.value for group in by_column(everything(rows), "source")] == ["meta", "web", None]


def test_a_month_is_one_of_the_zone_and_an_empty_one_is_told() -> None:
    midnight = 1_769_900_400_000  # 2026-02-01 00:00 in Belgrade, 23:00 UTC the day before
    rows = [Row("a", at_ms=midnight - 1), Row("b", at_ms=midnight)]

    found = {group.value: leads_of(group.rows) for group in by_month(everything(rows), "at_ms", YEAR)}

    assert found == {"2025-12": 0, "2026-01": 1, "2026-02": 1, "2026-03": 0, "2026-04": 0}


def test_a_table_counts_leads_not_rows() -> None:
    rows = [Row("a", "web", 50), Row("a", "web", 70), Row(None, "web", 90), Row("b", None, 10)]
    whole = everything(rows)

    found = table("sources", Column(id="source", kind="code"), by_column(whole, "source"), [TOP], whole)

    assert [line.values for line in found.lines] == [("web", 1, 90), (None, 1, 10)]
    assert found.total is not None
    assert found.total.values == (None, 2, 90)
    assert found.total.opens == ()


def test_a_key_number_tells_what_it_rests_on_and_what_it_was_before() -> None:
    found = number(TOP, [Row("a", score=4), Row("a", score=2)], [])

    assert (found.value, found.of, found.before) == (4, 1, None)
