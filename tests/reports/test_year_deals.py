"""What the deals of the year earned, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.test_year_channels import worth
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, near, parts, share


def dealt(asked: Asked, asking: Asking) -> pd.DataFrame:
    """Deals of leads captured in the days; or opened, won or lost then."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted].set_index("lead_id")
    leads = leads[["captured_ms", "segment", "first_source", "last_source"]]
    deals = asking.known.deals.join(leads, on="lead_id", how="inner")
    if asked.date_by == "capture":
        return deals[asking.within(deals.captured_ms, asked)]
    times = [asking.within(deals[column], asked) for column in ("opened_ms", "won_ms", "lost_ms")]
    return deals[pd.concat(times, axis=1).any(axis=1)]


def of_deals(rows: pd.DataFrame, asked: Asked, asking: Asking) -> dict[str, Any]:
    opened, won, lost = (rows[asking.happened(rows[f"{what}_ms"], asked)] for what in ("opened", "won", "lost"))
    earned = worth(rows, "won_ms", asked, asking).dropna()
    cycle = ((won.won_ms - won.opened_ms).astype(float) / 1000).mean() if len(won) else None
    whole = ((won.won_ms - won.captured_ms).astype(float) / 1000).mean() if len(won) else None
    rate, average = share(len(won), len(won) + len(lost)), share(float(earned.sum()), len(earned))
    known = rate is not None and average is not None and cycle
    return {
        "opened": len(opened),
        "won": len(won),
        "lost": len(lost),
        "win_rate": rate,
        "average": average,
        "cycle": cycle,
        "from_capture": whole,
        "velocity": len(opened) * rate * average / (cycle / 86_400) if known else None,  # type: ignore[operator]
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_deals_earn_in_a_day(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = dealt(asked, asking)
    answer = asking.answer("velocity", asked)
    columns = {"sources": f"{asked.attribution}_source", "reps": "rep", "pools": "pool", "segments": "segment"}
    for table, column in columns.items():
        right = {name: of_deals(some, asked, asking) for name, some in parts(rows, column)}
        assert_same(lines(answer.table(table)), right)
    whole = of_deals(rows, asked, asking)
    for name in ("velocity", "win_rate", "cycle"):
        assert near(answer.number(name).value, whole[name])
