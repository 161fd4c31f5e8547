"""What senders lost and what was set aside in the year, counted with pandas from what was lived."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from tests.reports.year.asking import QUESTIONS, Asking, assert_same, lines, month_of, near, parts, share

SUSPICIONS = ("address_limit", "identity_limit", "disposable_mail", "blocked_mail")
BY_SOURCE = {
    "year": QUESTIONS["year"],
    "spring": QUESTIONS["spring"],
    "done": QUESTIONS["done"],
    "one": QUESTIONS["year"].with_(where={"source": ("meta",)}),
}
"""Who is nobody's has no country."""


def listed(rows: pd.DataFrame) -> dict[str, Any]:
    sums = {name: int(rows[name].sum()) for name in ("theirs", "ours", "found", "gone")}
    return {**sums, "missed": share(sums["found"], sums["ours"] + sums["found"])}


@pytest.mark.parametrize("question", BY_SOURCE)
def test_what_senders_did_not_deliver(question: str, asking: Asking) -> None:
    asked = BY_SOURCE[question]
    rows = asking.known.gaps
    rows = rows[asking.within(rows.day_ms + 43_200_000, asked)]
    rows = rows[rows.source.isin(asked.where.get("source", rows.source.unique()))]
    rows = rows.assign(form=rows.form.where(rows.form != "", None))
    answer = asking.answer("gaps", asked)
    for table, column in {"sources": "source", "forms": "form", "days": "day"}.items():
        assert_same(lines(answer.table(table)), {name: listed(some) for name, some in parts(rows, column)})
    assert near(answer.number("missed").value, listed(rows)["missed"])
    assert near(answer.number("found").value, listed(rows)["found"])


def aside(rows: pd.DataFrame) -> dict[str, Any]:
    parked, suspected = int(rows.parked_why.notna().sum()), int(rows.parked_why.isin(SUSPICIONS).sum())
    return {
        "touches": len(rows),
        "parked": parked,
        "parked_share": share(parked, len(rows)),
        "suspected": suspected,
        "suspected_share": share(suspected, len(rows)),
        "let_through": int(rows.through.sum()),
    }


def touched(asked: Asked, asking: Asking) -> pd.DataFrame:
    rows = asking.known.touches
    rows = rows[rows.kind.isin(["submission", "behaviour"]) & (rows.parked_why.fillna("") != "test")]
    rows = rows[asking.within(rows.received_ms, asked)]
    rows = rows[rows.source.isin(asked.where.get("source", rows.source.unique()))]
    return rows.assign(through=(rows.identified_ms > rows.parked_ms).fillna(False).astype(bool))


@pytest.mark.parametrize("question", BY_SOURCE)
def test_what_was_set_aside(question: str, asking: Asking) -> None:
    asked = BY_SOURCE[question]
    rows = touched(asked, asking)
    answer = asking.answer("spam", asked)
    assert_same(lines(answer.table("sources")), {name: aside(some) for name, some in parts(rows, "source")})
    months = rows.assign(month=month_of(rows.received_ms, asked))
    assert_same(lines(answer.table("months")), {name: aside(some) for name, some in parts(months, "month")})
    parked = rows[rows.parked_why.notna()]
    right = {
        why: {
            "touches": len(some),
            "share": share(len(some), len(rows)),
            "let_through": int(some.through.sum()),
            "through_share": share(int(some.through.sum()), len(some)),
        }
        for why, some in parts(parked, "parked_why")
    }
    assert_same(lines(answer.table("reasons")), right)
    suspected = rows[rows.parked_why.isin(SUSPICIONS)]
    assert suspected.through.sum() > 0
    assert near(answer.number("wrong_share").value, share(int(suspected.through.sum()), len(suspected)))
