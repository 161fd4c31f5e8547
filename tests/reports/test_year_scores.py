"""What scores were worth in the year, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year import draws
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, middle, near, parts, plain, share

BANDS = {"0-19": (0, 20), "20-39": (20, 40), "40-59": (40, 60), "60-69": (60, 70), "70-79": (70, 80), "80+": (80, 101)}
OUTCOMES = {"sql": "sql_ms", "opportunity": "opportunity_ms", "won": "sold_ms"}


def judged(asked: Asked, asking: Asking) -> pd.DataFrame:
    """Leads of the days with the score that they were judged by."""
    leads = asking.chosen(asked)
    sold = leads.won_ms.fillna(leads.customer_ms)
    at = leads.mql_ms.fillna(leads.captured_ms)
    leads = leads.assign(judge=leads.mql_score.fillna(leads.top_score), sold_ms=sold)
    return leads[leads.counted & asking.within(leads.captured_ms if asked.date_by == "capture" else at, asked)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_became_of_each_band(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads, right = judged(asked, asking), {}
    for name, (low, high) in BANDS.items():
        band = leads[((leads.judge >= low) & (leads.judge < high)).fillna(False)]
        right[name] = {"leads": len(band)}
        for outcome, column in OUTCOMES.items():
            right[name][f"{outcome}_share"] = share(int(band[column].notna().sum()), len(band))  # type: ignore[assignment]
            if outcome != "opportunity":
                days = middle((band[column] - band.captured_ms) / 86_400_000)
                right[name][f"{outcome}_days"] = days  # type: ignore[assignment]
    told = lines(asking.answer("scoring", asked).table("bands"))
    assert_same({name: line for name, line in told.items() if name is not None}, right)
    assert (told[None]["leads"] if None in told else 0) == int(leads.judge.isna().sum())


@pytest.mark.parametrize("question", QUESTIONS)
def test_how_well_the_score_told_it(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads = judged(asked, asking)
    leads = leads[leads.judge.notna()]
    answer = asking.answer("scoring", asked)
    for outcome, column in OUTCOMES.items():
        happened = leads[column].notna().astype(float)
        right = float(np.corrcoef(leads.judge.astype(float), happened)[0, 1])
        assert near(answer.number(f"correlation_{outcome}").value, right)
        line = lines(answer.table("outcomes"))[outcome]
        assert near(line["score_with"], float(leads[happened == 1].judge.astype(float).mean()))
        assert near(line["score_without"], float(leads[happened == 0].judge.astype(float).mean()))


def test_sixty_to_seventy_converts_better_than_eighty_and_more_and_it_is_said(asking: Asking) -> None:
    assert draws.WINS[60] > draws.WINS[80]  # so it was drawn
    said = [remark.values for remark in asking.answer("scoring", QUESTIONS["year"]).remarks if remark.id == "inverted"]
    found = next(values for values in said if values["outcome"] == "sql")
    assert found["low"] == "60-69"
    assert float(str(found["low_share"])) > float(str(found["high_share"]))


def test_calibration_never_falls_and_keeps_the_whole(asking: Asking) -> None:
    told = lines(asking.answer("scoring", QUESTIONS["year"]).table("calibration"))
    lived = judged(QUESTIONS["year"], asking)
    expected = [told[name]["expected"] for name in BANDS]
    assert expected == sorted(expected)
    fitted = sum(told[name]["expected"] * told[name]["leads"] for name in BANDS)
    assert near(fitted, int(lived[lived.judge.notna()].sql_ms.notna().sum()))


def spread_of(rows: pd.DataFrame) -> dict[str, Any]:
    def mean(column: str) -> float | None:
        known = rows[column].dropna().astype(float)
        return None if known.empty else float(known.mean())

    return {
        "leads": len(rows),
        "first_mean": mean("first_score"),
        "first_median": middle(rows.first_score),
        "first_p90": middle(rows.first_score, 0.9),
        "mean": mean("score"),
        "fit": mean("fit"),
        "engagement": mean("engagement"),
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_how_high_leads_score(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    leads = asking.chosen(asked)
    dated = leads.captured_ms if asked.date_by == "capture" else leads.mql_ms
    leads = leads[leads.counted & asking.within(dated, asked)]
    answer = asking.answer("scores", asked)
    for table, column in {"sources": f"{asked.attribution}_source", "segments": "segment"}.items():
        assert_same(lines(answer.table(table)), {name: spread_of(rows) for name, rows in parts(leads, column)})
    right = {}
    for name, (low, high) in BANDS.items():
        now, first = leads.score.between(low, high - 1), leads.first_score.between(low, high - 1)
        right[name] = {"leads": int(now.sum()), "share": share(int(now.sum()), len(leads)), "first": int(first.sum())}
    told = lines(answer.table("spread"))
    assert_same({name: line for name, line in told.items() if name is not None}, right)
    known = leads.score.dropna()
    assert near(answer.number("high_share").value, share(int((known >= 80).sum()), len(known)))


def test_how_far_a_month_moved_from_the_one_before(asking: Asking) -> None:
    leads = asking.leads(QUESTIONS["year"])
    there = pd.to_datetime(leads.captured_ms, unit="ms", utc=True).dt.tz_convert("Europe/Warsaw")
    edges = [low for low, _ in BANDS.values()]
    bands = pd.cut(leads.first_score.astype(float), [*edges, 101], right=False, labels=False)
    counts = pd.crosstab(there.dt.month, bands)
    parts_of = counts.div(counts.sum(axis=1), axis=0)
    told = plain([line["moved"] for line in lines(asking.answer("scores", QUESTIONS["year"]).table("months")).values()])
    assert told[0] is None
    for month in range(2, 13):
        now, before = parts_of.loc[month], parts_of.loc[month - 1]
        assert near(told[month - 1], float(((now - before) * np.log(now / before)).sum()))
