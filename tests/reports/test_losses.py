"""Why leads were given back and deals lost, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from leadrelay.reports.definition import Inputs, Rate
from leadrelay.reports.losses.report import Row
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table

ACTIVITY = YEAR.with_(date_by="activity")


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def loss(name: str, kind: str, at: str = "2026-02-01", reason: str | None = None, **told: Any) -> Row:
    given = {"lead_id": name, "captured_ms": day("2026-01-10"), "kind": kind, "at_ms": day(at), "reason": reason}
    return Row(**{**dict.fromkeys(Row._fields), "rep": "anna", **given, **told})


LOSSES = [
    loss("one", "rejected", reason="no_fit"),
    loss("two", "rejected", reason="no_fit", rep="marek"),
    loss("three", "rejected", at="2026-03-01"),
    loss("four", "recycled", reason="too_early"),
    loss("one", "deal", reason="price", amount=100_00, currency="EUR"),
    loss("five", "deal", reason="price", at="2026-03-02", amount=400_00, currency="PLN"),
    loss("five", "deal", reason="price", amount=None),
    loss("six", "deal", amount=1, currency="CHF"),
]
RATED = around(inputs=Inputs(rates=(Rate("2026-01-01", "PLN", "EUR", 0.25),)))


def test_reasons_of_each_kind_the_most_frequent_first_and_none_last() -> None:
    found = counted("losses", LOSSES, given=RATED)
    assert [line.values for line in table(found, "rejections").lines] == [("no_fit", 2, 2, 2 / 3), (None, 1, 1, 1 / 3)]
    assert [line.values for line in table(found, "returns").lines] == [("too_early", 1, 1, 1.0)]
    assert [line.values for line in table(found, "deals").lines] == [
        ("price", 2, 3, 0.75, 200_00), (None, 1, 1, 0.25, 0),
    ]  # fmt: skip
    assert numbers(found) == {"rejected": 3, "deals_lost": 4, "unsaid": 2 / 8}
    assert remarks(found)["no_rate"] == {"deals": 1, "currency": "EUR"}


def test_who_had_them_and_when() -> None:
    found = counted("losses", LOSSES, ACTIVITY.with_(until=date(2026, 3, 31)), RATED)
    columns = ("leads", "rejected", "recycled", "deal")
    assert {rep: tuple(line[name] for name in columns) for rep, line in lines(found, "reps").items()} == {
        "anna": (5, 2, 1, 4), "marek": (1, 1, 0, 0),
    }  # fmt: skip
    assert {month: tuple(line[name] for name in columns) for month, line in lines(found, "months").items()} == {
        "2026-01": (0, 0, 0, 0), "2026-02": (5, 2, 1, 3), "2026-03": (2, 1, 0, 1),
    }  # fmt: skip


def test_the_most_frequent_reason_and_more_than_before_are_said() -> None:
    many = [loss(f"now{number}", "rejected", reason="no_fit") for number in range(30)]
    few = [loss(f"then{number}", "rejected", at="2025-02-01") for number in range(10)]
    said = remarks(counted("losses", many, ACTIVITY, around(before=few)))
    assert said == {"most_rejected": {"reason": "no_fit", "share": 1.0}, "more_rejected": {"now": 30, "before": 10}}
    assert "more_rejected" not in remarks(counted("losses", few, ACTIVITY, around(before=many)))


def test_nothing_was_lost() -> None:
    assert numbers(counted("losses", [])) == {"rejected": 0, "deals_lost": 0, "unsaid": None}
    assert [line.values for line in table(counted("losses", []), "deals").lines] == []


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 3, 1))):
        assert_opens(counted("losses", LOSSES, asked), LOSSES)


def test_a_lead_may_be_given_back_twice_and_lose_deals() -> None:
    lead = {"lead_id": "one", "standing": "live", "captured_ms": 1, "rejected_ms": 5, "rejected_reason": "no_fit",
            "recycled_ms": 3, "recycled_reason": "too_early", "rep": "anna"}  # fmt: skip
    deals = [{"lead_id": "one", "deal_id": deal, "lost_ms": lost, "reason": "price", "rep": "marek"}
             for deal, lost in (("a", 7), ("b", None))]  # fmt: skip
    found = rows_of("losses", lead_rows=[lead, {**lead, "lead_id": "two", "standing": "gone"}], deal_rows=deals)
    assert {(row.kind, row.at_ms, row.reason, row.rep) for row in found} == {
        ("rejected", 5, "no_fit", "anna"), ("recycled", 3, "too_early", "anna"), ("deal", 7, "price", "marek"),
    }  # fmt: skip
