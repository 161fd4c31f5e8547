"""What came of leads that were given back as too early, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadrelay.reports.definition import Inputs, Rate
from leadrelay.reports.recycled.report import Row
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

ACTIVITY = YEAR.with_(date_by="activity")


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def lead(name: str, recycled: str = "2026-02-01", **told: Any) -> Row:
    times = {key: day(value) if key.endswith("_ms") else value for key, value in told.items()}
    given = {"lead_id": name, "captured_ms": day("2026-01-10"), "recycled_ms": day(recycled), "reason": "too_early"}
    return Row(**{**dict.fromkeys(Row._fields), "currency": "EUR", **given, **times})


LEADS = [
    lead("bought", back_ms="2026-02-11", opened_ms="2026-02-20", won_ms="2026-03-05", amount=100_00),
    lead("bought", back_ms="2026-02-11", opened_ms="2026-02-21", amount=400_00, currency="PLN"),
    lead("back", back_ms="2026-02-21", reason="no_budget"),
    lead("away", recycled="2026-01-20"),
]
RATED = around(inputs=Inputs(rates=(Rate("2026-01-01", "PLN", "EUR", 0.25),)))


def test_who_came_back_and_what_that_was_worth() -> None:
    found = counted("recycled", LEADS, given=RATED)
    assert numbers(found) == {"back_share": pytest.approx(2 / 3), "pipeline": 200_00, "revenue": 100_00}
    early = lines(found, "reasons")["too_early"]
    assert {key: value for key, value in early.items() if key != "reason"} == {
        "leads": 2, "back": 1, "back_share": 0.5, "away": 10 * 86_400, "opportunities": 1, "customers": 1,
        "pipeline": 200_00, "revenue": 100_00,
    }  # fmt: skip
    assert lines(found, "reasons")["no_budget"]["away"] == 20 * 86_400
    assert remarks(counted("recycled", LEADS))["no_rate"] == {"deals": 1, "currency": "EUR"}


def test_by_activity_each_thing_is_of_its_own_days() -> None:
    found = counted("recycled", LEADS, ACTIVITY.with_(until=date(2026, 3, 31)), RATED)
    columns = ("leads", "back", "opportunities", "customers", "pipeline", "revenue")
    assert {month: tuple(line[name] for name in columns) for month, line in lines(found, "months").items()} == {
        "2026-01": (1, 0, 0, 0, 0, 0), "2026-02": (2, 2, 1, 0, 200_00, 0), "2026-03": (0, 0, 0, 1, 0, 100_00),
    }  # fmt: skip


def test_fewer_come_back_than_of_the_time_before() -> None:
    now = [lead(f"now{number}") for number in range(40)]
    past = [lead(f"then{number}", recycled="2025-02-01", back_ms="2025-03-01") for number in range(40)]
    said = remarks(counted("recycled", now, ACTIVITY, around(before=past)))
    assert said["back_handling"] == {"was": 1.0, "now": 0.0, "of": 40, "before": 40}


def test_nobody_was_given_back() -> None:
    assert numbers(counted("recycled", [])) == {"back_share": None, "pipeline": 0, "revenue": 0}


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 28))):
        assert_opens(counted("recycled", LEADS, asked, RATED), LEADS)


def test_only_what_followed_counts() -> None:
    lead = {"lead_id": "one", "standing": "live", "captured_ms": 1, "recycled_ms": 10, "recycled_reason": "too_early"}
    others = [{**lead, "lead_id": "other", "reactivated_ms": 5}, {**lead, "lead_id": "never", "recycled_ms": None}]
    deals = [{"lead_id": "one", "deal_id": str(opened), "opened_ms": opened} for opened in (9, 10)]
    found = rows_of("recycled", lead_rows=[{**lead, "reactivated_ms": 12}, *others], deal_rows=deals)
    assert {(row.lead_id, row.back_ms, row.opened_ms, row.reason) for row in found} == {
        ("one", 12, 10, "too_early"), ("other", None, None, "too_early"),
    }  # fmt: skip
