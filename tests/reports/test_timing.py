"""Timing: step by step, ours and theirs."""

from __future__ import annotations

from typing import Any

import pytest

from leadrelay.reports.timing.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of


def lead(name: str, **took: Any) -> Row:
    told = dict.fromkeys(Row._fields) | {"lead_id": name, "captured_ms": ms(MONDAY)}
    return Row(**{**told, **{f"{step}_seconds": seconds for step, seconds in took.items()}})


def test_steps_follow_one_another_from_the_first_touch() -> None:
    at = ms(MONDAY)
    person = {"lead_id": "a", "standing": "live", "captured_ms": at, "needed_ms": at + 2_000, "assigned_ms": at + 2_500}
    person |= {"rep_ms": at + 2_500, "synced_ms": at + 4_000, "contacted_ms": at + 62_500}
    first = {"lead_id": "a", "touch_id": "1", "received_ms": at, "ready_ms": at + 300, "identified_ms": at + 1_500}
    second = {"lead_id": "a", "touch_id": "2", "received_ms": at + 9, "ready_ms": at + 9, "identified_ms": at + 9}

    [row] = rows_of("timing", lead_rows=[person, {"lead_id": "v", "standing": "visitor"}], touch_rows=[second, first])

    steps = (row.fetch_seconds, row.score_seconds, row.route_seconds, row.wait_seconds, row.deliver_seconds)
    assert steps == (0.3, 1.2, 0.5, 0, 1.5)
    assert (row.contact_seconds, row.total_seconds) == (60, 62.5)


def test_each_step_has_its_leads_and_its_share_of_the_time() -> None:
    rows = [
        lead("a", fetch=1, score=1, route=1, wait=0, deliver=1, contact=96, total=100),
        lead("b", fetch=3, score=1, deliver=-5),
        lead("c"),
    ]

    found = counted("timing", rows)
    steps = lines(found, "steps")

    assert {step: line["leads"] for step, line in steps.items()} == {
        "fetch": 2, "score": 2, "route": 1, "wait": 1, "deliver": 1, "contact": 1,
    }  # fmt: skip
    assert (steps["fetch"]["mean"], steps["fetch"]["median"], steps["fetch"]["p90"]) == (2, 2, pytest.approx(2.8))
    assert steps["contact"]["share"] == 96 / 104
    assert numbers(found) == {"machine": 4, "contact": 96, "total": 100}
    assert remarks(found) == {"longest_contact": {"share": 96 / 104}}
    assert_opens(found, rows)


def test_where_no_step_has_most_of_it_none_is_named() -> None:
    rows = [lead("a", fetch=1, score=1), lead("b", fetch=1, score=1)]

    assert not remarks(counted("timing", rows))
    assert set(remarks(counted("timing", rows, given=around(enough=3)))) == {"not_enough"}


def test_of_nobody_nothing_took_long() -> None:
    found = counted("timing", [])

    assert set(numbers(found).values()) == {None}
    assert lines(found, "steps")["contact"]["share"] is None
