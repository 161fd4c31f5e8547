"""Whose the leads of the year became, how fast, and what came of it, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, near, parts, share

WEIGHTS = {
    "sdr": {"anna": 2, "marek": 1, "ivana": 2},
    "ae": {"tomasz": 1, "milica": 1},
    "enterprise": {"sofia": 3, "tomasz": 1},
}
"""As in team.yaml."""

TEAMS = {"sdr": "sdr", "ae": "ae", "enterprise": "ae"}
EDGES = (0, 20, 40, 60, 70, 80)
_OF_LEAD = ("captured_ms", "sql_ms", "opportunity_ms", "won_ms", "customer_ms", "retired_ms", "disposition", "stage")


def given(asked: Asked, asking: Asking, times: str = "at_ms") -> pd.DataFrame:
    """Assignments of the days beside their leads: of leads captured then, or given then."""
    return beside(asking.known.hands.drop(columns=["sql_ms"], errors="ignore"), times, asked, asking)


def beside(rows: pd.DataFrame, times: str, asked: Asked, asking: Asking) -> pd.DataFrame:
    leads = asking.chosen(asked)
    leads = leads[leads.counted].set_index("lead_id")[list(_OF_LEAD)].add_prefix("lead_")
    rows = rows.join(leads, on="lead_id", how="inner")
    return rows[asking.within(rows.lead_captured_ms if asked.date_by == "capture" else rows[times], asked)]


def since_then(rows: pd.DataFrame, column: str) -> pd.Series[bool]:
    return (rows[column] >= rows.at_ms).fillna(False)


def of_rule(rows: pd.DataFrame) -> dict[str, Any]:
    reps = rows[rows.rep.notna()]
    leads, sold = rows.lead_id.nunique(), rows.lead_won_ms.fillna(rows.lead_customer_ms)
    return {
        "leads": leads,
        "hits": len(rows),
        "given": len(reps),
        "assign_median": middle((rows.at_ms - rows.needed_ms) / 1000),
        "contacted_share": share(reps[reps.contacted_ms.notna()].lead_id.nunique(), reps.lead_id.nunique()),
        "contact_median": middle((rows.contacted_ms - rows.at_ms) / 1000),
        "meeting_share": share(rows[rows.meetings > 0].lead_id.nunique(), leads),
        "sql_share": share(rows[since_then(rows, "lead_sql_ms")].lead_id.nunique(), leads),
        "opportunity_share": share(rows[since_then(rows, "lead_opportunity_ms")].lead_id.nunique(), leads),
        "won_share": share(rows[(sold >= rows.at_ms).fillna(False)].lead_id.nunique(), leads),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_each_rule_did(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = given(asked, asking)
    rows = rows[rows.waits.isna()]
    answer = asking.answer("rules", asked)
    for table, column in {"rules": "rule", "reasons": "why", "pools": "pool"}.items():
        told = lines(answer.table(table))
        assert_same(
            {name: line for name, line in told.items() if line["hits"]},
            {name: of_rule(some) for name, some in parts(rows, column)},
        )
    assert near(answer.number("sql_share").value, of_rule(rows)["sql_share"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_who_got_their_share(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = given(asked, asking)
    rows = rows[rows.rep.notna()]
    turns = rows[rows.counted.notna()].groupby(["pool", "rep"]).size()
    right = {}
    for pool, weights in WEIGHTS.items():
        in_all = int(turns.get(pool, pd.Series(dtype=int)).sum())
        for rep in {*weights, *turns.get(pool, pd.Series(dtype=int)).index} if in_all else ():
            got, promised = int(turns.get((pool, rep), 0)), weights.get(rep, 0) / sum(weights.values())
            leads = rows[(rows.pool == pool) & (rows.rep == rep)].lead_id.nunique()
            right[pool, rep] = {"leads": leads, "turns": got, "got": got / in_all, "promised": promised}
            right[pool, rep]["behind"] = promised * in_all - got
    answer = asking.answer("fairness", asked)
    assert_same(lines(answer.table("shares"), keys=2), right)
    closed = rows.lead_stage.isin(["customer", "evangelist", "disqualified"]) | rows.lead_retired_ms.notna()
    has = rows.ended_ms.isna() & ~closed & ~rows.lead_disposition.isin(["rejected", "recycled"])
    told = lines(answer.table("reps"))
    assert_same(told, {rep: load_of(some, has) for rep, some in parts(rows, "rep")})
    expected = dict.fromkeys(told, 0.0)
    for pool, weights in WEIGHTS.items():
        for rep, weight in weights.items():
            if rep in expected:
                expected[rep] += int(turns.get(pool, pd.Series(dtype=int)).sum()) * weight / sum(weights.values())
    assert {rep: line["expected"] for rep, line in told.items()} == pytest.approx(expected)


def load_of(rows: pd.DataFrame, has: pd.Series[bool]) -> dict[str, Any]:
    return {
        "leads": rows.lead_id.nunique(),
        "turns": int(rows.counted.notna().sum()),
        "hot": int((rows.counted == "hot").sum()),
        "beside": int(rows.counted.isna().sum()),
        "score": float(rows.score.astype(float).mean()),
        "open": rows[has.loc[rows.index]].lead_id.nunique(),
    }


def chances(rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Every lead that a rep got first and that was not it yet: whether it became it in their hands, and how often
    leads of such scores in that team did."""
    reached = rows[f"lead_{outcome}_ms"]
    here = (reached > rows.at_ms) & ((reached <= rows.ended_ms) | rows.ended_ms.isna())
    if outcome == "opportunity":
        ready = (rows.lead_sql_ms > rows.at_ms) & ((rows.lead_sql_ms <= rows.ended_ms) | rows.ended_ms.isna())
        here = (reached > rows.at_ms) & (here.fillna(False) | ready.fillna(False))
    rows = rows.assign(made=here.fillna(False).astype(bool), was=(reached <= rows.at_ms).fillna(False))
    made = rows.groupby(["rep", "lead_id"]).made.any()
    firsts = rows.sort_values("at_ms").drop_duplicates(["rep", "lead_id"])
    firsts = firsts[~firsts.was.astype(bool)]
    firsts = firsts.assign(made=[made[key] for key in zip(firsts.rep, firsts.lead_id, strict=True)])
    band = pd.cut(firsts.score.astype(float), [*EDGES, 101], right=False, labels=False)
    return firsts.assign(rate=firsts.groupby([firsts.pool.map(TEAMS), band]).made.transform("mean"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_reps_made_of_the_leads_they_got(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    got = given(asked, asking)
    got = got[got.rep.notna()]
    done = beside(asking.known.acts, "at_ms", asked, asking)
    done = done[done.rep.notna()]
    what = done.channel.where(done.channel.isin(["call", "email"]), "other").where(done.kind == "attempt", "meeting")
    answer = asking.answer("reps", asked)
    worked = lines(answer.table("done"))
    told = {rep: line | worked[rep] for rep, line in lines(answer.table("reps")).items()}
    assert set(told) == {*got.rep, *done.rep}
    alike = {outcome: chances(got, outcome) for outcome in ("sql", "opportunity")}
    for rep, line in told.items():
        mine = what[done.rep == rep]
        handled = done[(done.rep == rep) & (what != "meeting")].lead_id.nunique()
        right = {
            "leads": got[got.rep == rep].lead_id.nunique(),
            "handled": handled,
            "calls": int((mine == "call").sum()),
            "emails": int((mine == "email").sum()),
            "others": int((mine == "other").sum()),
            "meetings": int((mine == "meeting").sum()),
            "tries_per_lead": share(int((mine != "meeting").sum()), handled),
        }
        for outcome in ("sql", "opportunity"):
            some = alike[outcome][alike[outcome].rep == rep]
            right |= {
                f"{outcome}_made": int(some.made.sum()),
                f"{outcome}_share": share(int(some.made.sum()), len(some)),
            }
            right |= {f"{outcome}_expected": share(float(some.rate.sum()), len(some))}
        assert_same({rep: line}, {rep: right})


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_the_time_goes(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads = asking.chosen(asked)
    dated = leads.captured_ms if asked.date_by == "capture" else leads.contacted_ms
    leads = leads[leads.counted & asking.within(dated, asked)]
    touches = asking.known.touches
    touches = touches[touches.identified_ms.notna()].sort_values(["received_ms", "touch_id"])
    first = touches.drop_duplicates("lead_id").set_index("lead_id")
    ready, identified = leads.lead_id.map(first.ready_ms), leads.lead_id.map(first.identified_ms)
    steps = {
        "fetch": ready - leads.captured_ms,
        "score": identified - ready,
        "route": leads.assigned_ms - leads.needed_ms,
        "wait": leads.rep_ms - leads.assigned_ms,
        "deliver": leads.synced_ms - leads.assigned_ms,
        "contact": leads.contacted_ms - leads.rep_ms,
    }
    taken = {name: (took[(took >= 0).fillna(False)].astype(float) / 1000) for name, took in steps.items()}
    in_all = sum(float(took.sum()) for took in taken.values())
    right = {
        name: {
            "leads": len(took),
            "mean": None if took.empty else float(took.mean()),
            "median": middle(took),
            "p90": middle(took, 0.9),
            "share": share(float(took.sum()), in_all),
        }
        for name, took in taken.items()
    }
    assert_same(lines(asking.answer("timing", asked).table("steps")), right)
