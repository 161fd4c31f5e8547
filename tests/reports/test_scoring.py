"""Scores: what became of each band, and what the score told of it."""

from __future__ import annotations

import statistics
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs, Rate, Spend
from leadrelay.reports.scoring.judged import (
    Band,
    chance_of,
    correlation,
    inversions,
    rising,
    tells_something,
)
from leadrelay.reports.scoring.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

DAY = 86_400_000


def lead(name: str, score: int | None, **said: Any) -> Row:
    told = dict.fromkeys(Row._fields) | {"captured_ms": ms(MONDAY), "judged_ms": ms(MONDAY)}
    return Row(**{**told, "lead_id": name, "score": score, **said})


def band(score: int, sql: int, of: int, **said: Any) -> list[Row]:
    """So many leads of a score, of which so many became SQL after a day."""
    after = ms(MONDAY) + DAY
    return [lead(f"{score}.{each}", score, sql_ms=after if each < sql else None, **said) for each in range(of)]


def test_a_lead_is_judged_by_the_score_that_sales_got_it_by() -> None:
    leads = [
        {"lead_id": "a", "mql_score": 62, "top_score": 95, "mql_ms": 7, "customer_ms": 9},
        {"lead_id": "b", "top_score": 31, "won_ms": 8, "customer_ms": 9},
        {"lead_id": "c"},
        {"lead_id": "v", "standing": "imported"},
    ]

    deals = [{"lead_id": "b", "deal_id": str(each), "won_ms": each, "amount": 7} for each in (9, 8)]
    lost = {"lead_id": "b", "deal_id": "lost", "lost_ms": 1, "amount": 7}
    people = [{"captured_ms": 5, "standing": "live", **each} for each in leads]

    found = rows_of("scoring", lead_rows=people, deal_rows=[*deals, lost])

    assert [(row.lead_id, row.score, row.judged_ms, row.won_ms) for row in found] == [
        ("a", 62, 7, 9), ("b", 31, 5, 8), ("c", None, 5, None),
    ]  # fmt: skip
    assert [won.won_ms for won in found[1].won()] == [8, 9]
    assert not found[0].won()


def test_bands_begin_at_their_edges() -> None:
    rows = [lead("a", 59), lead("b", 60), lead("c", 69), lead("d", 70), lead("e", 100), lead("f", 0), lead("g", None)]

    found = counted("scoring", rows)

    assert {name: line["leads"] for name, line in lines(found, "bands").items()} == {
        "0-19": 1, "20-39": 0, "40-59": 1, "60-69": 2, "70-79": 1, "80+": 1, None: 1,
    }  # fmt: skip
    assert_opens(found, rows)


def test_what_became_of_a_band() -> None:
    rows = [
        lead("a", 65, sql_ms=ms(MONDAY) + DAY, won_ms=ms(MONDAY) + 3 * DAY),
        lead("b", 65, sql_ms=ms(MONDAY) + 3 * DAY, opportunity_ms=1),
        lead("c", 65),
        lead("d", 65),
    ]

    found = lines(counted("scoring", rows), "bands")["60-69"]

    shares = [found[f"{outcome}_share"] for outcome in ("sql", "opportunity", "won")]
    assert shares == [0.5, 0.25, 0.25]
    assert (found["sql_days"], found["won_days"]) == (2, 3)


def test_lower_bands_that_convert_better_are_named() -> None:
    rows = [*band(65, 30, 60), *band(85, 12, 60), *band(10, 0, 60)]

    found = remarks(counted("scoring", rows, given=around(enough=30)))

    assert found["inverted"] == {
        "outcome": "sql", "low": "60-69", "high": "80+", "low_share": 0.5, "high_share": 0.2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high"),
    [((30, 60), (29, 60)), ((15, 29), (1, 60)), ((20, 60), (40, 60))],
    ids=["by chance", "of too few", "in the right order"],
)
def test_else_nothing_is_said(low: tuple[int, int], high: tuple[int, int]) -> None:
    rows = [*band(65, *low), *band(85, *high)]

    assert "inverted" not in remarks(counted("scoring", rows, given=around(enough=30)))


def test_a_score_that_tells_nothing_or_the_contrary_is_said_to() -> None:
    given = around(enough=30)

    assert "silent" in remarks(counted("scoring", [*band(10, 20, 40), *band(90, 20, 40)], given=given))
    assert "contrary" in remarks(counted("scoring", [*band(10, 35, 40), *band(90, 2, 40)], given=given))
    assert set(remarks(counted("scoring", [*band(10, 2, 40), *band(90, 35, 40)], given=given))) == {"no_spend"}


def test_below_thirty_there_is_not_enough_data() -> None:
    found = counted("scoring", [*band(10, 14, 14), *band(90, 0, 15)], given=around(enough=30))

    assert remarks(found) == {"not_enough": {"leads": 29, "enough": 30}, "no_spend": {}}


def test_of_nobody_there_is_nothing_to_say() -> None:
    found = counted("scoring", [])

    assert set(numbers(found).values()) == {None}
    assert lines(found, "bands")["80+"]["sql_share"] is None
    assert lines(found, "calibration")["80+"]["expected"] is None


def test_calibration_is_the_gap_to_rates_that_rise() -> None:
    found = lines(counted("scoring", [*band(10, 1, 10), *band(65, 8, 10), *band(85, 4, 10)]), "calibration")

    assert found["60-69"] == {
        "band": "60-69", "leads": 10, "actual": 0.8, "expected": 0.6, "gap": pytest.approx(0.2),
    }  # fmt: skip
    assert found["80+"]["gap"] == pytest.approx(-0.2)
    assert found["0-19"]["gap"] == 0


SPEND = [
    Spend("2026-03", "meta", None, None, 100_00, "EUR"),
    Spend("2026-03", "meta", "spring", None, 30_00, "EUR"),
    Spend("2026-03", "web", None, None, 400_00, "PLN"),
    Spend("2026-03", "nobody", None, None, 7_00, "EUR"),
    Spend("2026-02", "meta", None, None, 999_00, "EUR"),
]
RATES = [Rate("2026-01-01", "PLN", "EUR", 0.25), Rate("2026-03-10", "USD", "EUR", 0.5)]
MARCH = Asked(since=date(2026, 3, 1), until=date(2026, 3, 31))


def won(amount: int, currency: str, days: int = 0) -> dict[str, Any]:
    at = ms(MONDAY + timedelta(days=days))
    return {"won_ms": at, "deals": [{"won_ms": at, "amount": amount, "currency": currency}]}


def spending_leads() -> list[Row]:
    return [
        lead("a", 65, first_source="meta", first_campaign="spring", **won(200_00, "EUR")),
        lead("b", 85, first_source="meta"),
        lead("c", 85, first_source="web", **won(50_00, "USD", 20)),
        lead("d", 85, first_source="direct", **won(50_00, "USD")),
    ]


def test_money_is_that_of_the_source_and_the_month() -> None:
    found = counted("scoring", spending_leads(), MARCH, around(inputs=Inputs(spend=SPEND, rates=RATES)))
    bands = lines(found, "bands")

    money = {name: [bands[name][each] for each in ("revenue", "cost", "roi")] for name in ("60-69", "80+", "70-79")}
    assert money == {"60-69": [200_00, 80_00, 1.5], "80+": [25_00, 150_00, -125 / 150], "70-79": [0, 0, None]}
    assert remarks(found)["no_rate"] == {"deals": 1, "currency": "EUR"}
    assert remarks(found)["spend_unspread"] == {"amount": 7_00}


def test_half_a_month_costs_half() -> None:
    asked = MARCH.with_(since=date(2026, 3, 1), until=date(2026, 3, 15), where={"source": ("web",)})
    found = counted("scoring", [lead("a", 10, first_source="web")], asked, around(inputs=Inputs((*SPEND,), (), RATES)))

    assert lines(found, "bands")["0-19"]["cost"] == round(100_00 * 15 / 31)
    assert "spend_unspread" not in remarks(found)


@pytest.mark.parametrize(
    ("where", "spend", "said"), [("segment", SPEND, "spend_by_source"), ("source", [], "no_spend")]
)
def test_where_spend_cannot_be_told_that_is_said(where: str, spend: list[Spend], said: str) -> None:
    asked = MARCH.with_(where={where: ("meta",)})
    found = counted("scoring", spending_leads(), asked, around(inputs=Inputs(spend=spend, rates=RATES)))

    assert {line["cost"] for line in lines(found, "bands").values()} == {None}
    assert said in remarks(found)


def test_without_a_rate_spend_is_left_out() -> None:
    found = counted("scoring", spending_leads(), MARCH, around(inputs=Inputs(spend=SPEND)))

    assert remarks(found)["no_spend_rate"] == {"lines": 1, "currency": "EUR"}


PAIRS = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=2, max_size=40)


@settings(max_examples=60)
@given(PAIRS)
def test_the_correlation_is_pearsons(pairs: list[tuple[int, bool]]) -> None:
    scores, outcomes = [score for score, _ in pairs], [hit for _, hit in pairs]
    found = correlation(scores, outcomes)

    if len(set(scores)) == 1 or len(set(outcomes)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(statistics.correlation(scores, [float(hit) for hit in outcomes]))


BANDS = st.lists(st.integers(1, 50).flatmap(lambda of: st.tuples(st.just(of), st.integers(0, of))), max_size=7)


@settings(max_examples=80)
@given(BANDS)
def test_rates_that_rise_are_the_nearest_ones(drawn: list[tuple[int, int]]) -> None:
    """By the closed form: for each band the highest, over where a run begins, of the lowest mean of such a run."""
    bands = [Band(str(place), *each) for place, each in enumerate(drawn)]

    def rate(first: int, last: int) -> float:
        run = bands[first : last + 1]
        return sum(each.converted for each in run) / sum(each.leads for each in run)

    places = range(len(bands))
    expected = [
        max(min(rate(first, last) for last in places if last >= at) for first in places if first <= at) for at in places
    ]
    assert rising(bands) == pytest.approx(expected)


def test_the_more_pairs_are_compared_the_clearer_a_difference_must_be() -> None:
    low, high = Band("low", 100, 40), Band("high", 100, 26)
    between = [Band(f"{each}", 100, 33) for each in range(3)]

    assert chance_of(low, high) == pytest.approx(0.0353, abs=0.0001)
    assert inversions([low, high], 30)
    assert not inversions([low, *between, high], 30)


def test_a_correlation_of_few_tells_nothing() -> None:
    assert tells_something(0.3, 50)
    assert not tells_something(0.2, 50)
    assert not tells_something(1, 3)
