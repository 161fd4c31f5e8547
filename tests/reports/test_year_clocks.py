"""How long leads of the year waited, and which promises were kept, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, near, plain, share

WITHIN = {"5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "24h": 86_400, "72h": 259_200, "later": float("inf")}


def waited(asked: Asked, asking: Asking) -> pd.DataFrame:
    """Leads of the days with the seconds until their first contact, and who made it."""
    leads = asking.chosen(asked)
    dated = leads.captured_ms if asked.date_by == "capture" else leads.contacted_ms
    leads = leads[leads.counted & asking.within(dated, asked)]
    clocks = asking.known.clocks
    met = clocks[(clocks.kind == "first_contact") & clocks.met_ms.notna()].sort_values(["met_ms", "hop"])
    first = met.drop_duplicates("lead_id").set_index("lead_id")
    elapsed = (leads.contacted_ms - leads.captured_ms) // 1000
    return leads.assign(
        elapsed=elapsed.where(elapsed >= 0),
        business=leads.lead_id.map(first.owner_seconds),
        who=leads.lead_id.map(first.rep).fillna(leads.rep),
    )


def of_group(rows: pd.DataFrame) -> dict[str, Any]:
    contacted = int(rows.contacted_ms.notna().sum())
    return {
        "leads": len(rows),
        "contacted": contacted,
        "contacted_share": share(contacted, len(rows)),
        "mean": float(rows.elapsed.dropna().astype(float).mean()) if contacted else None,
        "median": middle(rows.elapsed),
        "p90": middle(rows.elapsed, 0.9),
        "business_median": middle(rows.business),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_how_long_leads_waited(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = waited(asked, asking)
    answer = asking.answer("reaction", asked)
    by = {"reps": "who", "sources": f"{asked.attribution}_source", "temperatures": "temperature"}
    for table, column in by.items():
        right = {
            name: of_group(rows[rows[column].isna() if name is None else rows[column] == name])
            for name in plain(rows[column].unique())
        }
        assert_same(lines(answer.table(table)), right)
    whole = of_group(rows)
    assert answer.leads == len(rows)
    for name in ("median", "p90", "contacted_share"):
        assert near(answer.number(name).value, whole[name])


@pytest.mark.parametrize("question", QUESTIONS)
def test_within_which_time(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = waited(asked, asking)
    right, low = {}, -1.0
    for name, high in WITHIN.items():
        some = rows[(rows.elapsed > low) & (rows.elapsed <= high)]
        right[name] = {
            "leads": len(some),
            "share": share(len(some), len(rows)),
            "sql_share": share(int(some.sql_ms.notna().sum()), len(some)),
            "meeting_share": share(int(some.meeting_ms.notna().sum()), len(some)),
            "business": int(((rows.business > low) & (rows.business <= high)).sum()),
        }
        low = high
    assert_same(lines(asking.answer("reaction", asked).table("distribution")), right)


def promised(asked: Asked, asking: Asking) -> pd.DataFrame:
    """Clocks of the days: of leads captured then, or started then."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted]
    clocks = asking.known.clocks
    clocks = with_owners_found(clocks[clocks.lead_id.isin(leads.lead_id)], asking.known.hands)
    captured = clocks.lead_id.map(leads.set_index("lead_id").captured_ms)
    return clocks[asking.within(captured if asked.date_by == "capture" else clocks.started_ms, asked)]


def with_owners_found(clocks: pd.DataFrame, hands: pd.DataFrame) -> pd.DataFrame:
    """The wait for an owner is over when there is one."""
    had = {*zip(*(hands[hands.waits.isna()][each] for each in ("lead_id", "at_ms")), strict=True)}
    found = [key in had for key in zip(clocks.lead_id, clocks.stopped_ms, strict=True)]
    owned = pd.Series(found, index=clocks.index) & (clocks.kind == "assignment")
    kept = (clocks.stopped_ms <= clocks.due_ms).astype(object)
    return clocks.assign(
        in_time=clocks.in_time.where(clocks.in_time.notna() | ~owned, kept),
        met_ms=clocks.met_ms.where(clocks.met_ms.notna() | ~owned, clocks.stopped_ms),
    )


def of_clocks(rows: pd.DataFrame) -> dict[str, Any]:
    settled = rows[rows.in_time.notna()]
    kept = int(settled.in_time.astype(bool).sum())
    late = rows[(rows.met_ms > rows.due_ms).fillna(False) & (rows.in_time == False)]  # noqa: E712
    return {
        "leads": rows.lead_id.nunique(),
        "clocks": len(rows),
        "in_time": kept,
        "broken": len(settled) - kept,
        "open": int((rows.in_time.isna() & rows.stopped_ms.isna()).sum()),
        "kept": share(kept, len(settled)),
        "late_median": middle((late.met_ms - late.due_ms) // 1000),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_which_promises_were_kept(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = promised(asked, asking)
    rows = rows.assign(promise=rows.kind + "." + rows.policy)
    answer = asking.answer("sla", asked)
    for table, column in {"kinds": "kind", "promises": "promise", "pools": "pool", "reps": "rep"}.items():
        right = {
            name: of_clocks(rows[rows[column].isna() if name is None else rows[column] == name])
            for name in plain(rows[column].unique())
        }
        assert_same(lines(answer.table(table)), right)
    assert near(answer.number("kept").value, of_clocks(rows)["kept"])
    assert near(answer.number("first_kept").value, of_clocks(rows[rows.kind == "first_contact"])["kept"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_by_the_hour_of_the_week_where_the_reader_is(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = promised(asked, asking)
    rows = rows[rows.kind == "first_contact"]
    there = pd.to_datetime(rows.started_ms, unit="ms", utc=True).dt.tz_convert(asked.zone)
    told = lines(asking.answer("sla", asked).table("hours"), keys=2)
    assert len(told) == 7 * 24
    groups = rows.groupby([there.dt.day_name().str.lower(), there.dt.hour])
    right = {place: {"clocks": len(some), "kept": of_clocks(some)["kept"]} for place, some in groups}
    assert_same({place: line for place, line in told.items() if line["clocks"]}, right)
