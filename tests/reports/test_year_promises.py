"""What marketing and sales promised each other in the year, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.domain.reporting.policy import Promised
from leadrelay.reports.asked import Asked
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, month_of, near, parts, share
from tests.reports.year.known import Known
from tests.system import default_rules


@pytest.fixture(scope="module")
def promising(known: Known) -> Asking:
    """Under rules that promise a hundred MQLs a month, and twenty of them from the website."""
    rules = default_rules()
    promised = Promised(mqls=100, by_source={"website": 20})
    return Asking(known, rules.with_(reports=rules.reports.with_(promised=promised)))


def mqls(asked: Asked, asking: Asking) -> pd.DataFrame:
    leads = asking.chosen(asked)
    leads = leads[leads.counted & leads.mql_ms.notna()]
    taken = leads[["accepted_ms", "sal_ms", "opportunity_ms", "customer_ms"]].notna().any(axis=1)
    leads = leads.assign(taken=taken, at_ms=leads.captured_ms if asked.date_by == "capture" else leads.mql_ms)
    return leads[asking.within(leads.at_ms, asked)]


def of_mqls(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "leads": len(rows),
        "complete_share": share(int(rows.lacks.isna().sum()), len(rows)),
        "accepted_share": share(int(rows.taken.sum()), len(rows)),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_marketing_brought(question: str, promising: Asking) -> None:
    asked = QUESTIONS[question]
    rows = mqls(asked, promising)
    answer = promising.answer("promised", asked)
    source = f"{asked.attribution}_source"
    assert_same(lines(answer.table("sources")), {name: of_mqls(some) for name, some in parts(rows, source)})
    months = month_of(rows.at_ms, asked)
    told = lines(answer.table("months"))
    assert_same(told, {month: of_mqls(rows[months == month]) for month in told})
    missing = rows.lacks.dropna().str.split(",").explode().value_counts()
    criteria = {name: line["leads"] for name, line in lines(answer.table("criteria")).items() if line["leads"]}
    assert criteria == missing.to_dict()
    assert near(answer.number("complete").value, of_mqls(rows)["complete_share"])


def test_a_whole_year_is_twelve_promises(promising: Asking) -> None:
    asked = QUESTIONS["year"]
    answer = promising.answer("promised", asked)
    brought = len(mqls(asked, promising))
    assert near(answer.number("delivered").value, brought / 1200)
    site = lines(answer.table("sources"))["website"]
    assert near(site["promised"], 240)
    assert near(site["delivered"], site["leads"] / 240)
    assert near(promising.answer("monthly", asked).number("delivered").value, brought / 1200)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_sides_of_the_promise(question: str, promising: Asking) -> None:
    asked = QUESTIONS[question]
    leads = promising.chosen(asked)
    leads = leads[leads.counted].set_index("lead_id")
    clocks = promising.known.clocks
    clocks = clocks[clocks.lead_id.isin(leads.index) & (clocks.kind != "assignment")]
    dated = clocks.lead_id.map(leads.captured_ms) if asked.date_by == "capture" else clocks.started_ms
    clocks = clocks[promising.within(dated, asked)]
    right = {}
    for kind, some in parts(clocks, "kind"):
        settled = some.in_time.dropna().astype(bool)
        running = int((some.in_time.isna() & some.stopped_ms.isna()).sum())
        right[kind] = {"leads": some.lead_id.nunique(), "kept": int(settled.sum()), "open": running}
        right[kind] |= {"broken": int((~settled).sum()), "kept_share": share(int(settled.sum()), len(settled))}
    handed = mqls(asked, promising)
    complete = int(handed.lacks.isna().sum())
    right["handover"] = {"leads": len(handed), "kept": complete, "broken": len(handed) - complete}
    right["handover"]["kept_share"] = share(complete, len(handed))
    assert_same(lines(promising.answer("monthly", asked).table("promises")), right)
