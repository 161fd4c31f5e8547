"""What channels brought and cost in the year, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import INPUTS, QUESTIONS, Asking, assert_same, lines, near, plain, share

REACHED = {"mqls": "mql_ms", "sqls": "sql_ms", "opportunities": "opportunity_ms", "customers": "customer_ms"}
TABLES = {"source": "sources", "channel": "channels", "class": "classes", "campaign": "campaigns", "form": "forms"}
EURO_PER_ZLOTY = {True: 0.23, False: 0.24}
"""Before July, and since."""


def euros(amount: float, currency: str, day: str) -> int | None:
    if currency == "RSD":
        return None
    return round(amount * EURO_PER_ZLOTY[day < "2026-07-01"]) if currency == "PLN" else round(amount)


def worth(deals: pd.DataFrame, column: str, asked: Asked, asking: Asking) -> pd.Series[Any]:
    """What each deal that was opened, or won, then is worth in euros; missing where nobody can say."""
    deals = deals[asking.happened(deals[column], asked) & deals.amount.notna()]
    days = pd.to_datetime(deals[column], unit="ms", utc=True).dt.tz_convert(asked.zone).dt.strftime("%Y-%m-%d")
    found = [euros(*deal) for deal in zip(deals.amount, deals.currency, days, strict=True)]
    return pd.Series(found, index=deals.index, dtype="float64")


def there(asked: Asked, asking: Asking) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads and deals of which something happened in the days."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted]
    deals = asking.known.deals
    deals = deals[deals.lead_id.isin(leads.lead_id)]
    if asked.date_by == "capture":
        leads = leads[asking.within(leads.captured_ms, asked)]
        return leads, deals[deals.lead_id.isin(leads.lead_id)]
    sold = asking.within(deals.opened_ms, asked) | asking.within(deals.won_ms, asked)
    seen = leads.lead_id.isin(deals[sold].lead_id)
    for column in ("captured_ms", *REACHED.values()):
        seen |= asking.within(leads[column], asked)
    return leads[seen], deals[deals.lead_id.isin(leads[seen].lead_id)]


@pytest.mark.parametrize("dimension", TABLES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_each_brought(question: str, dimension: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads, deals = there(asked, asking)
    column = f"{asked.attribution}_{dimension}"
    pipeline, revenue = worth(deals, "opened_ms", asked, asking), worth(deals, "won_ms", asked, asking)
    whose = deals.lead_id.map(leads.set_index("lead_id")[column])
    right = {}
    for name in plain(leads[column].unique()):
        of = leads[leads[column].isna() if name is None else leads[column] == name]
        sold = deals.index[whose.isna() if name is None else whose == name]
        right[name] = {
            "leads": int(asking.within(of.captured_ms, asked).sum()),
            **{each: int(asking.happened(of[when], asked).sum()) for each, when in REACHED.items()},
            "pipeline": int(pipeline.reindex(sold).sum()),
            "revenue": int(revenue.reindex(sold).sum()),
        }
    told = lines(asking.answer("channels", asked).table(TABLES[dimension]))
    assert_same({name: line for name, line in told.items() if name != "radio"}, right)


@pytest.mark.parametrize("question", ["year", "done"])
def test_what_a_source_cost(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads, deals = there(asked, asking)
    revenue = worth(deals, "won_ms", asked, asking)
    spent = spend_of(asked)
    told = lines(asking.answer("channels", asked).table("sources"))
    for name, line in told.items():
        paid = sum(amount for (source, _), amount in spent.items() if source == name)
        of = leads[leads.first_source == name]
        came, won = asking.within(of.captured_ms, asked).sum(), asking.happened(of.customer_ms, asked).sum()
        earned = revenue[deals.lead_id.reindex(revenue.index).isin(of.lead_id)].sum()
        cost = share(paid, came)
        assert line["spend"] == round(paid), name
        assert line["cost_per_lead"] == (None if cost is None else round(cost)), name
        assert near(line["roi"], share(earned - paid, paid)), name
        assert near(line["ltv_cpl"], None if not won or not cost else earned / won / cost), name
    assert ("radio" in told) == (question == "year")


def spend_of(asked: Asked) -> dict[tuple[str, str | None], float]:
    """In euros: a month that lies in the days only in part counts by its days."""
    found: dict[tuple[str, str | None], float] = {}
    days = pd.date_range(asked.since, asked.until)
    for told in INPUTS.spend:
        month = pd.Period(told.month)
        part = sum(day.strftime("%Y-%m") == told.month for day in days) / month.days_in_month
        amount = euros(told.amount, told.currency, f"{told.month}-01")
        assert amount is not None
        key = (told.source, told.campaign)
        found[key] = found.get(key, 0.0) + amount * part
    return found


def test_a_class_carries_what_its_leads_cost(asking: Asking) -> None:
    asked = QUESTIONS["year"]
    leads = asking.leads(asked)
    right: dict[Any, float] = dict.fromkeys(plain(leads.first_class.unique()), 0.0)
    for (source, campaign), amount in spend_of(asked).items():
        whose = leads[(leads.first_source == source) & ((leads.first_campaign == campaign) | (campaign is None))]
        for name, part in whose.first_class.value_counts(normalize=True).items():
            right[name] += amount * part
    told = lines(asking.answer("channels", asked).table("classes"))
    assert {name: line["spend"] for name, line in told.items()} == {name: round(paid) for name, paid in right.items()}


def test_dinars_without_a_rate_are_left_out_and_said(asking: Asking) -> None:
    asked = QUESTIONS["year"]
    _, deals = there(asked, asking)
    missing = worth(deals, "opened_ms", asked, asking).isna().sum()
    said = next(remark for remark in asking.answer("channels", asked).remarks if remark.id == "no_rate")
    assert said.values["deals"] == missing > 10
