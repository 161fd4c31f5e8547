"""Scores: their mean, their spread, their drift."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadrelay.reports.asked import Asked
from leadrelay.reports.scores.drift import means_differ, stability
from leadrelay.reports.scores.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

MARCH_APRIL = Asked(since=date(2026, 3, 1), until=date(2026, 4, 30))
APRIL = ms(datetime(2026, 4, 5, tzinfo=UTC))


def lead(name: str, first: int | None, now: int | None, **said: Any) -> Row:
    told = dict.fromkeys(Row._fields) | {"captured_ms": ms(MONDAY), "first_score": first, "score": now}
    return Row(**{**told, "lead_id": name, **said})


def many(name: str, score: int, count: int, **said: Any) -> list[Row]:
    return [lead(f"{name}{each}", score + each % 3, score, **said) for each in range(count)]


def test_a_row_is_a_lead() -> None:
    people = [{"lead_id": "a", "standing": "shadow", "captured_ms": 1, "first_score": 3}, {"lead_id": "b"}]

    assert [(row.lead_id, row.first_score) for row in rows_of("scores", lead_rows=people)] == [("a", 3)]


def test_means_and_spread() -> None:
    rows = [lead("a", 10, 90, fit=40, engagement=50), lead("b", 30, 70, fit=20), lead("c", None, None)]

    found = counted("scores", rows)

    assert numbers(found) == {"mean": 80, "first_mean": 20, "high_share": 0.5}
    spread = {name: (line["leads"], line["first"]) for name, line in lines(found, "spread").items()}
    assert spread == {
        "0-19": (0, 1), "20-39": (0, 1), "40-59": (0, 0), "60-69": (0, 0), "70-79": (1, 0), "80+": (1, 0), None: (1, 1),
    }  # fmt: skip
    assert lines(found, "segments")[None]["fit"] == 30
    assert lines(found, "segments")[None]["engagement"] == 50
    assert_opens(found, rows)


def test_a_month_that_is_otherwise_is_named() -> None:
    rows = [*many("m", 20, 40), *many("a", 75, 40, captured_ms=APRIL)]

    found = counted("scores", rows, MARCH_APRIL, around(enough=30))

    assert remarks(found)["moved"]["month"] == "2026-04"
    months = lines(found, "months")
    assert months["2026-03"]["moved"] is None
    assert months["2026-04"]["moved"] > 1
    assert (months["2026-03"]["first_mean"], months["2026-04"]["high_share"]) == (pytest.approx(20.975), 0)


def test_of_few_leads_no_month_moved() -> None:
    rows = [*many("m", 20, 29), *many("a", 75, 40, captured_ms=APRIL)]

    assert "moved" not in remarks(counted("scores", rows, MARCH_APRIL, around(enough=30)))


def test_a_drift_is_said_where_it_is_no_chance() -> None:
    low, high = many("l", 20, 40), many("h", 60, 40)
    given = around(high, enough=30)

    assert remarks(counted("scores", low, given=given))["fell"]["was"] == pytest.approx(60.975)
    assert "rose" in remarks(counted("scores", high, given=around(low, enough=30)))
    assert not remarks(counted("scores", high, given=given))
    assert "fell" not in remarks(counted("scores", low[:29], given=given))


def test_the_index_is_that_of_the_textbook() -> None:
    expected = (0.8 - 0.5) * math.log(0.8 / 0.5) + (0.2 - 0.5) * math.log(0.2 / 0.5)

    assert stability([80, 20], [50, 50]) == pytest.approx(expected)
    assert stability([3, 1], [30, 10]) == pytest.approx(0)
    assert stability([1, 0], [0, 1]) is not None
    assert stability([0, 0], [1, 1]) is None


def test_means_of_one_or_of_nobody_do_not_differ() -> None:
    assert not means_differ([1], [5, 6])
    assert not means_differ([], [])
    assert not means_differ([5, 5], [5, 5])


def test_of_nobody_there_is_no_score() -> None:
    assert set(numbers(counted("scores", [])).values()) == {None}
