"""Pipeline velocity, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadrelay.reports.definition import Inputs, Rate
from leadrelay.reports.velocity.report import Row
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table

ACTIVITY = YEAR.with_(date_by="activity")


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def deal(name: str, opened: str, captured: str = "2026-01-01", **told: Any) -> Row:
    times = {key: day(value) if key.endswith("_ms") else value for key, value in told.items()}
    given = {"lead_id": name, "deal_id": f"{name}:{opened}", "captured_ms": day(captured), "opened_ms": day(opened)}
    return Row(**{**dict.fromkeys(Row._fields), "rep": "anna", "currency": "EUR", **given, **times})


DEALS = [
    deal("one", "2026-01-11", won_ms="2026-01-31", amount=100_00),  # 20 days
    deal("one", "2026-02-01", won_ms="2026-02-11", amount=1200_00, currency="PLN", rep="marek"),  # 10 days, 300 euro
    deal("two", "2026-02-01", lost_ms="2026-02-20", amount=999_00),
    deal("three", "2026-03-01", amount=50_00, rep=None),
]
RATED = around(inputs=Inputs(rates=(Rate("2026-01-01", "PLN", "EUR", 0.25),)))


def test_velocity_is_made_of_its_four_parts() -> None:
    found = counted("velocity", DEALS, given=RATED)
    total = table(found, "reps").total
    assert total is not None
    told = dict(zip((column.id for column in table(found, "reps").columns), total.values, strict=True))
    assert (told["leads"], told["opened"], told["won"], told["lost"]) == (3, 4, 2, 1)
    assert told["win_rate"] == pytest.approx(2 / 3)
    assert told["average"] == 200_00
    assert told["cycle"] == 15 * 86_400
    assert told["from_capture"] == 35.5 * 86_400
    assert told["velocity"] == pytest.approx(4 * 2 / 3 * 200_00 / 15)
    assert numbers(found) == {"velocity": told["velocity"], "win_rate": told["win_rate"], "cycle": told["cycle"]}


def test_by_rep_and_for_nobody() -> None:
    found = lines(counted("velocity", DEALS, given=RATED), "reps")
    assert found["marek"]["velocity"] == pytest.approx(300_00 / 10)
    assert found[None] == {
        "rep": None, "leads": 1, "opened": 1, "won": 0, "lost": 0, "win_rate": None, "average": None, "cycle": None,
        "from_capture": None, "velocity": None,
    }  # fmt: skip


def test_by_activity_each_part_is_of_its_own_days() -> None:
    february = ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert numbers(counted("velocity", DEALS, february, RATED)) == {
        "velocity": pytest.approx(2 * 0.5 * 300_00 / 10), "win_rate": 0.5, "cycle": 10 * 86_400,
    }  # fmt: skip


def test_month_by_month_of_the_capture_or_of_what_happened() -> None:
    spring = YEAR.with_(until=date(2026, 3, 15))
    by_capture = lines(counted("velocity", DEALS, spring, RATED), "months")
    assert [line["opened"] for line in by_capture.values()] == [4, 0, 0]
    by_activity = lines(counted("velocity", DEALS, spring.with_(date_by="activity"), RATED), "months")
    columns = ("leads", "opened", "won", "lost")
    assert {month: tuple(line[name] for name in columns) for month, line in by_activity.items()} == {
        "2026-01": (1, 1, 1, 0), "2026-02": (2, 2, 1, 1), "2026-03": (1, 1, 0, 0),
    }  # fmt: skip


def test_deals_won_on_the_day_they_were_opened_have_no_velocity() -> None:
    at_once = [deal("one", "2026-01-11", won_ms="2026-01-11", amount=5)]
    assert numbers(counted("velocity", at_once)) == {"velocity": None, "win_rate": 1.0, "cycle": 0}


def test_no_deal_no_rate_and_too_few() -> None:
    assert numbers(counted("velocity", [])) == {"velocity": None, "win_rate": None, "cycle": None}
    assert remarks(counted("velocity", DEALS))["no_rate"] == {"deals": 1, "currency": "EUR"}
    assert remarks(counted("velocity", DEALS, given=around(enough=4)))["not_enough"] == {"leads": 3, "enough": 4}


def test_a_lower_win_rate_than_before_is_said() -> None:
    lost = [deal(f"lost{number}", "2026-01-11", lost_ms="2026-01-12") for number in range(40)]
    won = [deal(f"won{number}", "2025-01-11", won_ms="2025-01-12") for number in range(40)]
    said = remarks(counted("velocity", lost, ACTIVITY, around(before=won)))
    assert said["win_rate_handling"] == {"was": 1.0, "now": 0.0, "of": 40, "before": 40}


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY.with_(since=date(2026, 1, 15), until=date(2026, 2, 15))):
        assert_opens(counted("velocity", DEALS, asked, RATED), DEALS)


def test_deals_of_whom_nobody_counts_are_not_counted() -> None:
    leads = [{"lead_id": name, "standing": name, "captured_ms": 1, "rep": "x"} for name in ("live", "shadow", "gone")]
    deals = [{"lead_id": name, "deal_id": name, "opened_ms": 2, "rep": "anna"} for name in ("live", "shadow", "gone")]
    found = rows_of("velocity", lead_rows=leads, deal_rows=deals)
    assert {(row.lead_id, row.rep) for row in found} == {("live", "anna"), ("shadow", "anna")}
