"""The funnel of the year, counted with pandas from what was lived."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, month_of, near, share

STAGES = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist")


def seconds(rows: pd.DataFrame, one: str, other: str) -> pd.Series[Any]:
    took = (rows[other] - rows[one]).dropna()
    return took[took >= 0].astype("float64") / 1000


@pytest.mark.parametrize("question", QUESTIONS)
def test_stage_by_stage(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    people = asking.chosen(asked)
    came = people[people.counted & asking.within(people.captured_ms, asked)]
    of = came if asked.date_by == "capture" else people[people.counted]
    answer = asking.answer("funnel", asked)
    told = lines(answer.table("stages"))

    right: dict[str, dict[str, Any]] = {}
    passed = visited(people, asked, asking)
    for before, stage in pairwise(("captured", *STAGES)):
        later = [f"{name}_ms" for name in STAGES[STAGES.index(stage) + 1 :]]
        reached = of[asking.happened(of[f"{stage}_ms"], asked)]
        jumped = of[of[f"{stage}_ms"].isna()]
        skipped = asking.happened(jumped[later].min(axis=1), asked).sum() if later else 0
        so_far = len(reached) + int(skipped)
        right[stage] = {
            "leads": len(reached),
            "skipped": int(skipped),
            "passed": so_far,
            "conversion": share(so_far, passed or 0),
            "of_leads": share(so_far, len(came)),
            "seconds": middle(seconds(reached, f"{before}_ms", f"{stage}_ms")),
        }
        passed = so_far

    assert answer.leads == len(came) > 150
    assert told["visitor"]["passed"] == visited(people, asked, asking)
    assert_same({name: line for name, line in told.items() if name != "visitor"}, right)


def visited(people: pd.DataFrame, asked: Asked, asking: Asking) -> int | None:
    """700 on each of the first 28 days of a month, as the other tool counted; else whom we saw, where that is all."""
    if not asked.where:
        return 700 * len([day for day in pd.date_range(asked.since, asked.until) if day.day <= 28])
    if "segment" in asked.where:
        return None
    return int(asking.within(people.captured_ms, asked).sum())


@pytest.mark.parametrize("question", ["year", "spring", "autumn"])
def test_between_any_two_stages(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    people = asking.leads(asked)
    right = {}
    for one, other in combinations(STAGES, 2):
        first = people[people[f"{one}_ms"].notna()]
        both = first[first[f"{other}_ms"].notna()]
        took = seconds(both, f"{one}_ms", f"{other}_ms")
        part = {"leads": len(both), "of": len(first), "conversion": share(len(both), len(first))}
        right[one, other] = {**part, "seconds": middle(took), "seconds_p90": middle(took, 0.9)}
    assert_same(lines(asking.answer("funnel", asked).table("between"), keys=2), right)


@pytest.mark.parametrize("question", QUESTIONS)
def test_month_by_month(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    people = asking.chosen(asked)
    people = people[people.counted]
    told = lines(asking.answer("funnel", asked).table("months"))
    came = month_of(people.captured_ms, asked).where(asking.within(people.captured_ms, asked))
    right: dict[str, dict[str, Any]] = {name: {"leads": int((came == name).sum())} for name in told}
    for stage in STAGES:
        at = people[f"{stage}_ms"]
        when = (
            came.where(at.notna())
            if asked.date_by == "capture"
            else month_of(at, asked).where(asking.within(at, asked))
        )
        for name in told:
            right[name][stage] = int((when == name).sum())
    assert_same(told, right)
    assert sum(line["leads"] for line in told.values()) == asking.answer("funnel", asked).leads


def test_the_biggest_leak_is_named(asking: Asking) -> None:
    answer = asking.answer("funnel", QUESTIONS["year"])
    stages = lines(answer.table("stages"))
    path = STAGES[: STAGES.index("customer") + 1]
    parts = {(one, two): stages[two]["passed"] / stages[one]["passed"] for one, two in pairwise(path)}
    worst = min(parts, key=lambda way: parts[way])
    leak = next(remark for remark in answer.remarks if remark.id == "leak")
    assert (leak.values["stage"], leak.values["next"]) == worst
    assert near(leak.values["share"], parts[worst])


def test_nobody_stays_who_went_on(asking: Asking) -> None:
    people = asking.leads(QUESTIONS["year"])
    right = {}
    for place, stage in enumerate(STAGES):
        later = people[[f"{name}_ms" for name in STAGES[place + 1 :]]].notna().any(axis=1)
        right[stage] = {"leads": int((people[f"{stage}_ms"].notna() & ~later).sum())}
    assert_same(lines(asking.answer("funnel", QUESTIONS["year"]).table("stopped")), right)
