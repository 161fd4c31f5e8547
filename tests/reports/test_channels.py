"""What channels brought and cost, by hand and against an independent count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.asked import Asked
from leadrelay.reports.channels.report import Row
from leadrelay.reports.definition import Around, Inputs, Rate, Spend
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table

NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
ACTIVITY = YEAR.with_(date_by="activity")


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def row(name: str, source: str | None = "meta", captured: str = "2026-01-10", **told: Any) -> Row:
    """Times are told as days."""
    days = {key: day(value) if key.endswith("_ms") else value for key, value in told.items()}
    came = {"first_source": source, "last_source": source, "captured_ms": day(captured)}
    return Row(**{**dict.fromkeys(Row._fields), "lead_id": name, **came, **days})


ROWS = [
    row("one", mql_ms="2026-01-11", opened_ms="2026-02-01", won_ms="2026-03-01", customer_ms="2026-03-01",
        amount=100_00, currency="EUR", first_class="paid", first_campaign="spring"),
    row("one", mql_ms="2026-01-11", opened_ms="2026-02-05", customer_ms="2026-03-01",
        amount=400_00, currency="PLN", first_class="paid", first_campaign="spring"),
    row("two", captured="2026-02-10", first_class="paid"),
    row("three", source="web", captured="2026-02-20", first_class="seo", last_source="meta",
        opened_ms="2026-02-21", amount=7_00, currency="CHF"),
]  # fmt: skip
RATES = (Rate("2026-01-01", "PLN", "EUR", 0.25),)
SPEND = (
    Spend("2026-01", "meta", None, None, 20_00, "EUR"),
    Spend("2026-02", "meta", "spring", None, 40_00, "PLN"),
    Spend("2026-02", "fair", None, None, 5_00, "EUR"),
)


def given_with(**more: Any) -> Around:
    return around(inputs=Inputs(spend=SPEND, rates=RATES), **more)


def test_what_each_source_brought_and_cost() -> None:
    found = lines(counted("channels", ROWS, given=given_with(lifetime_margin=0.5)), "sources")
    meta = found["meta"]
    assert (meta["leads"], meta["mqls"], meta["opportunities"], meta["customers"]) == (2, 1, 0, 1)
    assert (meta["pipeline"], meta["revenue"]) == (200_00, 100_00)  # 400 zloty are 100 euro
    assert (meta["spend"], meta["cost_per_lead"], meta["cost_per_customer"]) == (30_00, 15_00, 30_00)
    assert meta["roi"] == pytest.approx(70 / 30)
    assert meta["ltv_cpl"] == pytest.approx(50 / 15)
    assert (found["web"]["spend"], found["web"]["cost_per_lead"], found["web"]["roi"]) == (0, 0, None)
    assert (found["fair"]["leads"], found["fair"]["spend"], found["fair"]["cost_per_lead"]) == (0, 5_00, None)
    assert found["fair"]["roi"] == -1


def test_the_total_is_that_of_all_sources_and_of_every_other_way_to_look() -> None:
    found = counted("channels", ROWS, given=given_with())
    totals = [one.total for one in found.tables]
    assert len({total.values[1:] for total in totals if total}) == 1
    assert totals[0] is not None
    assert totals[0].values[:8] == (None, 3, 1, 0, 0, 1, 200_00, 100_00)
    assert totals[0].values[8] == 35_00
    assert found.leads == 3


def test_a_class_carries_what_its_leads_cost_and_a_campaign_what_names_it() -> None:
    found = counted("channels", ROWS, given=given_with())
    assert {name: line["spend"] for name, line in lines(found, "classes").items()} == {"paid": 30_00, "seo": 0}
    assert {name: line["spend"] for name, line in lines(found, "campaigns").items()} == {"spring": 10_00, None: None}


def test_the_last_touch_counts_where_it_is_asked_for() -> None:
    found = lines(counted("channels", ROWS, YEAR.with_(attribution="last"), given_with()), "sources")
    assert {name: line["leads"] for name, line in found.items()} == {"meta": 3, "fair": 0}


def test_by_activity_what_happened_in_the_days_counts() -> None:
    february = ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 14))
    found = counted("channels", ROWS, february, given_with())
    meta = lines(found, "sources")["meta"]
    assert (meta["leads"], meta["mqls"], meta["customers"]) == (1, 0, 0)
    assert (meta["pipeline"], meta["revenue"]) == (200_00, 0)
    assert meta["spend"] == 5_00  # half of February, no day of January
    assert found.leads == 1


def test_a_deal_that_no_rate_leads_to_is_left_out_and_said() -> None:
    assert remarks(counted("channels", ROWS, given=given_with()))["no_rate"] == {"deals": 1, "currency": "EUR"}
    assert "no_rate" not in remarks(counted("channels", ROWS[:3], given=given_with()))
    unrated = around(inputs=Inputs(spend=SPEND))
    assert remarks(counted("channels", ROWS[:1], given=unrated))["no_spend_rate"] == {"lines": 1, "currency": "EUR"}


def test_spend_that_nobody_told_or_that_the_filters_do_not_know_is_unknown_and_not_nothing() -> None:
    unknown = (None, None, None, None, None)
    for found, said in (
        (counted("channels", ROWS), "no_spend"),
        (counted("channels", ROWS, YEAR.with_(where={"segment": ("big",)}), given_with()), "spend_by_source"),
    ):
        assert table(found, "sources").lines[0].values[-5:] == unknown
        assert said in remarks(found)


def test_spend_is_narrowed_by_source_and_campaign() -> None:
    for where, spent in (({"source": ("fair", "web")}, 5_00), ({"campaign": ("spring",)}, 10_00)):
        total = table(counted("channels", ROWS, YEAR.with_(where=where), given_with()), "sources").total
        assert total is not None
        assert total.values[8] == spent


def test_a_source_that_fell_or_brings_nobody_we_look_for_is_named() -> None:
    before = [row(f"then{number}", source="fair", captured="2025-02-01") for number in range(9)]
    said = remarks(counted("channels", ROWS, given=given_with(before=before)))
    assert said["source_fell"] == {"source": "fair", "now": 0, "before": 9}
    web = [row(f"web{number}", source="web") for number in range(3)]
    assert remarks(counted("channels", web))["source_without_mql"] == {"source": "web", "leads": 3}


def test_key_numbers_rest_on_the_leads_of_the_days_and_are_told_of_the_time_before() -> None:
    asked = Asked(since=date(2026, 2, 1), until=date(2026, 2, 28))
    found = counted("channels", ROWS[2:], asked, replace(given_with(before=ROWS[:2]), now=NEXT_YEAR))
    assert numbers(found) == {"revenue": 0, "cost_per_lead": 7_50, "roi": -1}
    before = {number.id: number.before for number in found.numbers}
    assert (before["revenue"], before["cost_per_lead"]) == (100_00, 1806)  # 28 of 31 days of January


def test_nothing_has_no_cost_and_no_return() -> None:
    found = counted("channels", [])
    assert numbers(found) == {"revenue": 0, "cost_per_lead": None, "roi": None}
    assert found.leads == 0


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 14))):
        assert_opens(counted("channels", ROWS, asked, given_with()), ROWS)


def test_one_row_for_each_deal_of_a_lead_that_is_one() -> None:
    leads = [
        {"lead_id": name, "standing": name, "captured_ms": 1} for name in ("live", "shadow", "visitor", "imported")
    ]
    deals = [{"lead_id": "live", "deal_id": deal, "opened_ms": 2, "amount": 3} for deal in ("a", "b")]
    found = rows_of("channels", lead_rows=leads, deal_rows=deals)
    assert sorted((one.lead_id, one.amount) for one in found) == [("live", 3), ("live", 3), ("shadow", None)]


deals = st.tuples(st.integers(0, 100_000), st.booleans(), st.sampled_from(["EUR", "PLN"]))
leads = st.tuples(st.sampled_from(["meta", "web", None]), st.booleans(), st.lists(deals, max_size=2))


@settings(max_examples=30)
@given(st.lists(leads, max_size=15))
def test_sums_are_those_of_a_table_calculator(
    found: list[tuple[str | None, bool, list[tuple[int, bool, str]]]],
) -> None:
    rows = []
    for number, (source, mql, bought) in enumerate(found):
        told: dict[str, Any] = {"mql_ms": "2026-01-12"} if mql else {}
        for amount, won, currency in bought or [(None, False, None)]:
            times = {} if amount is None else {"opened_ms": "2026-02-01", **({"won_ms": "2026-03-01"} if won else {})}
            rows.append(row(f"lead{number}", source, amount=amount, currency=currency, **told, **times))
    frame = pd.DataFrame(rows, columns=list(Row._fields))
    frame["euro"] = [round((each.amount or 0) * (0.25 if each.currency == "PLN" else 1)) for each in rows]
    answer = lines(counted("channels", rows, given=around(inputs=Inputs(rates=RATES))), "sources")
    assert set(answer) == {each.first_source for each in rows}
    for source, line in answer.items():
        own = frame[frame.first_source.isna() if source is None else frame.first_source == source]
        assert line["leads"] == own.lead_id.nunique()
        assert line["mqls"] == own[own.mql_ms.notna()].lead_id.nunique()
        assert line["pipeline"] == own[own.opened_ms.notna()].euro.sum()
        assert line["revenue"] == own[own.won_ms.notna()].euro.sum()
