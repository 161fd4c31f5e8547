"""What sales made of the leads of the year, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import NOW, QUESTIONS, Asking, assert_same, lines, middle, near, parts, share

STEPS = {"came": "captured_ms", "received": "rep_ms", "worked": "contacted_ms", "met": "meeting_ms"}


def counted(asked: Asked, asking: Asking, *columns: str) -> pd.DataFrame:
    """Leads captured in the days; or those to which one of these happened then."""
    leads = asking.chosen(asked)
    leads = leads[leads.counted]
    seen = asking.within(leads.captured_ms, asked)
    if asked.date_by == "activity":
        seen = pd.concat([asking.within(leads[column], asked) for column in columns], axis=1).any(axis=1)
    return leads[seen]


def work_of(rows: pd.DataFrame, asked: Asked, asking: Asking) -> dict[str, Any]:
    at = {step: rows[asking.happened(rows[column], asked)] for step, column in STEPS.items()}
    tried = at["worked"].attempts.astype(float)
    return {
        "leads": int(asking.within(rows.captured_ms, asked).sum()),
        "received": len(at["received"]),
        "worked": len(at["worked"]),
        "met": len(at["met"]),
        "worked_share": share(int(at["received"].contacted_ms.notna().sum()), len(at["received"])),
        "attempts": None if tried.empty else float(tried.mean()),
        "meeting_share": share(int(at["worked"].meeting_ms.notna().sum()), len(at["worked"])),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_how_many_were_worked(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = counted(asked, asking, *STEPS.values())
    answer = asking.answer("worked", asked)
    columns = {"sources": f"{asked.attribution}_source", "reps": "rep", "pools": "pool", "temperatures": "temperature"}
    for table, column in columns.items():
        right = {name: work_of(some, asked, asking) for name, some in parts(rows, column)}
        assert_same(lines(answer.table(table)), right)
    whole = work_of(rows, asked, asking)
    for name in ("worked_share", "attempts", "meeting_share"):
        assert near(answer.number(name).value, whole[name])
    way = lines(answer.table("way"))
    assert {step: line["leads"] for step, line in way.items()} == {
        step: int(asking.happened(rows[column], asked).sum()) for step, column in STEPS.items()
    }


def test_a_partner_brought_a_hundred_and_few_were_worked(asking: Asking) -> None:
    told = lines(asking.answer("worked", QUESTIONS["year"]).table("sources"))
    assert min(told, key=lambda name: told[name]["worked_share"] or 1) == "partners"


def verdict(rows: pd.DataFrame) -> pd.Series[Any]:
    taken = rows[["accepted_ms", "sal_ms", "opportunity_ms", "customer_ms"]].notna().any(axis=1)
    found = pd.Series("pending", index=rows.index).mask(rows.recycled_ms.notna(), "recycled")
    return found.mask(rows.rejected_ms.notna(), "rejected").mask(taken, "accepted")


def taken_on(rows: pd.DataFrame) -> pd.Series[Any]:
    return rows.accepted_ms.fillna(rows.sal_ms).fillna(rows.opportunity_ms).fillna(rows.customer_ms)


def verdicts_of(rows: pd.DataFrame) -> dict[str, Any]:
    said = verdict(rows).value_counts()
    counts = {name: int(said.get(name, 0)) for name in ("accepted", "rejected", "recycled", "pending")}
    waited = (taken_on(rows) - rows.mql_ms).dropna()
    return {
        "leads": len(rows),
        **counts,
        "acceptance": share(counts["accepted"], len(rows) - counts["pending"]),
        "wait": middle(waited[waited >= 0] / 1000),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_sales_said_of_mqls(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = counted(asked, asking, "mql_ms")
    rows = rows[rows.mql_ms.notna()]
    answer = asking.answer("acceptance", asked)
    for table, column in {"sources": f"{asked.attribution}_source", "reps": "rep", "pools": "pool"}.items():
        assert_same(lines(answer.table(table)), {name: verdicts_of(some) for name, some in parts(rows, column)})
    right = verdicts_of(rows)
    assert near(answer.number("acceptance").value, right["acceptance"])
    assert near(answer.number("wait").value, right["wait"])
    assert near(answer.number("pending_share").value, share(right["pending"], len(rows)))
    back = rows.assign(said=verdict(rows), why=rows.rejected_reason.fillna(rows.recycled_reason))
    back = back[back.said.isin(["rejected", "recycled"])]
    told = {(line.values[0], line.values[2]): line.values[1] for line in answer.table("reasons").lines}
    assert told == {(why, said): len(rest) for why, some in parts(back, "why") for said, rest in parts(some, "said")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_missing(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    rows = counted(asked, asking, "rep_ms")
    over = rows.stage.isin(["customer", "evangelist", "disqualified", "recycled"]) | rows.retired_ms.notna()
    open_ = rows.rep.notna() & rows.disposition.fillna("accepted").eq("accepted") & ~over
    back = rows.disposition.isin(["rejected", "recycled"])
    lost = rows.lost_ms.notna() & rows.won_ms.isna()
    of = {
        "status": (open_ & rows.contacted_ms.notna(), rows.status == "new"),
        "reason": (back, rows.reason.isna()),
        "lost_reason": (lost, rows.lost_reason.isna()),
        "next_step": (open_, rows.next_step.isna()),
        "overdue": (open_, (rows.next_step_due_ms < int(NOW.timestamp() * 1000)).fillna(False)),
        "owner": (rows.needed_ms.notna(), rows.assigned_ms.isna()),
    }
    right = {}
    for name, (expected, missing) in of.items():
        leads = int((expected & missing).sum())
        right[name] = {"leads": leads, "of": int(expected.sum()), "share": share(leads, int(expected.sum()))}
    assert_same(lines(asking.answer("hygiene", asked).table("lacks")), right)
