"""Gaps: what senders list and did not deliver."""

from __future__ import annotations

from datetime import UTC, date, datetime

from leadrelay.reports.asked import Asked
from leadrelay.reports.gaps.report import Row
from tests.reports.tables import around, counted, lines, ms, numbers, remarks, rows_of, table

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def gap(source: str, form: str | None, ours: int, found: int, day: int = 2, gone: int = 0) -> Row:
    noon = ms(DAY.replace(day=day)) + 43_200_000
    return Row(None, noon, f"2026-03-{day:02}", source, form, ours + found - gone, ours, found, gone)


def test_a_day_is_meant_by_its_noon() -> None:
    """So that whoever asks for that day, in Warsaw or in New York, finds it."""
    told = {"source": "meta", "form": "", "day": "2026-03-02", "day_ms": ms(DAY), "theirs": 3, "ours": 2}
    [row] = rows_of("gaps", gap_rows=[{**told, "found": 1, "gone": 0}])

    assert (row.form, row.lead_id) == (None, None)
    for zone in ("America/New_York", "UTC", "Europe/Warsaw", "Asia/Tokyo"):
        since, until = Asked(since=date(2026, 3, 2), until=date(2026, 3, 2), zone=zone).span_ms()
        assert since <= row.noon_ms < until, zone


def test_what_was_not_delivered() -> None:
    rows = [gap("meta", "a", 8, 2), gap("meta", None, 5, 0, gone=1), gap("web", "a", 5, 0, day=1)]

    found = counted("gaps", rows)

    assert numbers(found) == {"found": 2, "missed": 0.1}
    assert lines(found, "sources")["meta"] == {
        "source": "meta", "theirs": 14, "ours": 13, "found": 2, "gone": 1, "missed": 2 / 15,
    }  # fmt: skip
    assert table(found, "days").column("day") == ("2026-03-01", "2026-03-02")
    assert remarks(found)["missing"] == {"found": 2, "listed": 20}
    assert table(found, "sources").counts is None


def test_the_sender_that_fails_most_is_named() -> None:
    rows = [gap("meta", None, 60, 40), gap("web", None, 99, 1)]

    assert remarks(counted("gaps", rows, given=around(enough=30)))["weakest_source"] == {
        "source": "meta",
        "missed": 0.4,
    }
    assert "weakest_source" not in remarks(counted("gaps", rows[:1], given=around(enough=30)))


def test_where_nothing_is_counted_nothing_is_missing() -> None:
    found = counted("gaps", [])

    assert numbers(found) == {"found": 0, "missed": None}
    assert not remarks(found)
