"""What is counted of leads of some days, of what happened in some days, and of an earlier time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.breakdown import Group, Measure, everything, leads_of
from leadrelay.reports.months import months
from leadrelay.reports.when import When, as_old

MARCH = Asked(since=date(2026, 3, 1), until=date(2026, 3, 31), zone="Europe/Warsaw")
HAPPENED = MARCH.with_(date_by="activity")
FIRST, END = 1_772_319_600_000, 1_774_994_400_000  # midnight in Warsaw, 743 hours apart: the clock goes forward


class Row(NamedTuple):
    lead_id: str
    captured_ms: int
    done_ms: int | None


def test_the_days_begin_and_end_at_midnight_where_they_are_counted() -> None:
    assert When.of(HAPPENED) == When(FIRST, END)
    assert [When.of(HAPPENED).counts(ms) for ms in (FIRST - 1, FIRST, END - 1, END, None)] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_of_leads_captured_in_the_days_everything_counts() -> None:
    assert [When.of(MARCH).counts(ms) for ms in (0, FIRST, END * 2, None)] == [True, True, True, False]


def test_a_part_of_a_group_keeps_its_name_and_opens_by_what_it_was_chosen_by() -> None:
    rows = [Row("in", 1, FIRST), Row("out", 1, END), Row("never", 1, None)]
    whole = Group("some", (Condition(column="lead_id", op="known"),), rows)
    part = When.of(HAPPENED).group(whole, "done_ms")
    assert (part.value, [row.lead_id for row in part.rows]) == ("some", ["in"])
    assert part.opens == (
        Condition(column="lead_id", op="known"),
        Condition(column="done_ms", op="ge", value=FIRST),
        Condition(column="done_ms", op="lt", value=END),
    )
    ever = When.of(MARCH).group(whole, "done_ms")
    assert ever.opens == (Condition(column="lead_id", op="known"), Condition(column="done_ms", op="known"))


NOW = datetime(2026, 4, 10, tzinfo=UTC)
THEN = int(NOW.timestamp() * 1000) - (FIRST - 1_769_641_200_000)  # the 31 days before March begin on 29 January


def test_what_came_after_the_same_age_is_not_known_yet() -> None:
    before = [Row("early", 5, THEN), Row("late", 5, THEN + 1), Row("unborn", THEN + 1, None)]
    assert as_old(before, MARCH, NOW) == [Row("early", 5, THEN), Row("late", 5, None)]
    assert as_old(before, HAPPENED, NOW) == [Row("early", 5, THEN), Row("late", 5, None), Row("unborn", None, None)]
    soon = NOW.replace(day=1) - timedelta(days=20)  # what happened in the days before is known, however few days passed
    held = [Row("held", 5, FIRST - 1), Row("after", 5, FIRST)]
    assert as_old(held, HAPPENED, soon) == [Row("held", 5, FIRST - 1), Row("after", 5, None)]
    assert as_old([], MARCH, NOW) == []


@pytest.mark.parametrize(("asked", "expected"), [
    (MARCH.with_(since=date(2026, 2, 15)), [("2026-02", 1, 1), ("2026-03", 1, 0)]),
    (HAPPENED.with_(since=date(2026, 2, 15)), [("2026-02", 0, 0), ("2026-03", 1, 1)]),
    (HAPPENED.with_(until=date(2026, 4, 1)), [("2026-03", 1, 1), ("2026-04", 0, 1)]),
    (MARCH.with_(since=date(2025, 12, 31), until=date(2026, 1, 1)), [("2025-12", 0, 0), ("2026-01", 0, 0)]),
])  # fmt: skip
def test_months_are_those_of_the_capture_or_of_what_happened(
    asked: Asked, expected: list[tuple[str, int, int]]
) -> None:
    """Leads of February, of March, and two of long before: done in March, never, on the first and the second of April.
    Who is there for another reason is not counted by the end of a month that is asked for in part."""
    far = FIRST - 400 * 86_400_000
    rows = [
        Row("one", FIRST - 28 * 86_400_000, FIRST + 5), Row("two", FIRST, None),
        Row("three", far, END), Row("four", far, END + 86_400_000),
    ]  # fmt: skip

    def measures(part: Asked) -> list[Measure[Row]]:
        return [Measure("done", "count", lambda rows: leads_of(When.of(part).rows(rows, "done_ms")))]

    found = months(everything(rows), asked, measures)
    assert [line.values for line in found.lines] == expected
