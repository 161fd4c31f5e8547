"""The latest won and lost deals of the year, followed with pandas through what was lived; and that no report of the
year goes uncounted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from leadrelay.reports.registry import names
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, near

KEPT = ("touches", "first_score", "attempts", "hops", "rule")


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_latest_deals_and_the_way_of_their_leads(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads = asking.chosen(asked)
    leads = leads[leads.counted].set_index("lead_id")
    leads = leads.drop(columns=["won_ms", "lost_ms", "rep", "pool", "currency", "reason"])
    deals = asking.known.deals.join(leads, on="lead_id", how="inner")
    seen = asking.within(deals.won_ms, asked) | asking.within(deals.lost_ms, asked)
    deals = deals[asking.within(deals.captured_ms, asked) if asked.date_by == "capture" else seen]
    deals = deals.assign(
        closed_ms=deals.won_ms.fillna(deals.lost_ms),
        reaction=((deals.contacted_ms - deals.captured_ms).clip(lower=0) / 1000).astype("Float64"),
    ).sort_values(["closed_ms", "deal_id"], ascending=[False, True])
    won, lost = deals[deals.won_ms.notna()][:10], deals[deals.won_ms.isna() & deals.lost_ms.notna()][:10]
    found = pd.concat([won.assign(outcome="won"), lost.assign(outcome="lost")])
    days = pd.to_datetime(found.closed_ms, unit="ms", utc=True).dt.tz_convert(asked.zone).dt.strftime("%Y-%m-%d")
    found = found.assign(closed=days, source=found[f"{asked.attribution}_source"], why=found.reason)
    told = lines(asking.answer("audit", asked).table("journeys"))
    right = {
        deal["deal_id"]: {name: deal[name] for name in ("outcome", "closed", "source", "reaction", "rep", *KEPT)}
        | {"reason": deal["why"]}
        for deal in found.to_dict("records")
    }
    assert_same(told, right)
    assert len(told) == min(10, len(won)) + min(10, len(lost)) > 5
    answer = asking.answer("audit", asked)
    assert near(answer.number("reaction_won").value, middle(won.reaction))
    assert near(answer.number("reaction_lost").value, middle(lost.reaction))


def test_every_report_is_counted_in_the_year() -> None:
    written = "".join(file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("test_year_*.py")))
    assert [name for name in names() if f'answer("{name}"' not in written] == []
