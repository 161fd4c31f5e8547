"""What was lost or given back in the year, and what came back, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.test_year_channels import worth
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, near, parts, share

SOURCES = ("first_source", "last_source")


def lost(asked: Asked, asking: Asking) -> pd.DataFrame:
    """Rejections, returns and lost deals, one row each."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted]
    of_leads = ["lead_id", "captured_ms", *SOURCES]
    found = []
    for kind in ("rejected", "recycled"):
        some = leads[leads[f"{kind}_ms"].notna()]
        told = some[[*of_leads, "rep"]].assign(kind=kind, at_ms=some[f"{kind}_ms"], reason=some[f"{kind}_reason"])
        found.append(told)
    deals = asking.known.deals
    deals = deals[deals.lost_ms.notna()].assign(kind="deal", at_ms=deals.lost_ms)
    deals = deals[["lead_id", "kind", "at_ms", "reason", "rep", "amount", "currency", "lost_ms"]]
    found.append(deals.join(leads.set_index("lead_id")[["captured_ms", *SOURCES]], on="lead_id", how="inner"))
    rows = pd.concat(found, ignore_index=True)
    return rows[asking.within(rows.captured_ms if asked.date_by == "capture" else rows.at_ms, asked)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_why_leads_and_deals_were_lost(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = lost(asked, asking)
    answer = asking.answer("losses", asked)
    for kind, table in {"rejected": "rejections", "recycled": "returns", "deal": "deals"}.items():
        some = rows[rows.kind == kind]
        right = {
            why: {"leads": rest.lead_id.nunique(), "losses": len(rest), "share": share(len(rest), len(some))}
            for why, rest in parts(some, "reason")
        }
        if kind == "deal":
            value = worth(some, "at_ms", asked.with_(date_by="capture"), asking)
            for why, rest in parts(some, "reason"):
                right[why]["amount"] = int(value.reindex(rest.index).sum())
        assert_same(lines(answer.table(table)), right)
    by_rep = {
        rep: {kind: int((some.kind == kind).sum()) for kind in ("rejected", "recycled", "deal")}
        for rep, some in parts(rows, "rep")
    }
    assert_same(lines(answer.table("reps")), by_rep)
    assert near(answer.number("unsaid").value, share(int(rows.reason.isna().sum()), len(rows)))


def returned(asked: Asked, asking: Asking) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads given back, and the deals opened since, of the days."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted & leads.recycled_ms.notna()]
    back = leads.reactivated_ms.where((leads.reactivated_ms >= leads.recycled_ms).fillna(False))
    leads = leads.assign(back_ms=back)
    deals = asking.known.deals
    deals = deals[deals.lead_id.isin(leads.lead_id)]
    deals = deals[(deals.opened_ms >= deals.lead_id.map(leads.set_index("lead_id").recycled_ms)).astype(bool)]
    if asked.date_by == "capture":
        leads = leads[asking.within(leads.captured_ms, asked)]
    else:
        sold = deals[asking.within(deals.opened_ms, asked) | asking.within(deals.won_ms, asked)].lead_id
        seen = asking.within(leads.recycled_ms, asked) | asking.within(leads.back_ms, asked)
        leads = leads[seen | leads.lead_id.isin(sold)]
    return leads, deals[deals.lead_id.isin(leads.lead_id)]


def of_returned(leads: pd.DataFrame, deals: pd.DataFrame, asked: Asked, asking: Asking) -> dict[str, Any]:
    given = leads[asking.happened(leads.recycled_ms, asked)]
    back = leads[asking.happened(leads.back_ms, asked)]
    deals = deals[deals.lead_id.isin(leads.lead_id)]
    return {
        "leads": len(given),
        "back": len(back),
        "back_share": share(int(given.back_ms.notna().sum()), len(given)),
        "away": middle((back.back_ms - back.recycled_ms) / 1000),
        "opportunities": deals[asking.happened(deals.opened_ms, asked)].lead_id.nunique(),
        "customers": deals[asking.happened(deals.won_ms, asked)].lead_id.nunique(),
        "pipeline": int(worth(deals, "opened_ms", asked, asking).sum()),
        "revenue": int(worth(deals, "won_ms", asked, asking).sum()),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_came_back(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads, deals = returned(asked, asking)
    answer = asking.answer("recycled", asked)
    columns = {"reasons": "recycled_reason", "sources": f"{asked.attribution}_source", "reps": "rep"}
    for table, column in columns.items():
        right = {name: of_returned(some, deals, asked, asking) for name, some in parts(leads, column)}
        assert_same(lines(answer.table(table)), right)
    whole = of_returned(leads, deals, asked, asking)
    for name in ("back_share", "pipeline", "revenue"):
        assert near(answer.number(name).value, whole[name])
