"""Promises: kept, broken, open, and in which hour of whose week they began."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leadrelay.reports.asked import Asked
from leadrelay.reports.sla.report import Row
from tests.reports.tables import (
    MONDAY,
    around,
    assert_opens,
    counted,
    lines,
    ms,
    numbers,
    remarks,
    rows_of,
    table,
)


def clock(lead: str, in_time: bool | None, **said: Any) -> Row:
    empty = {"captured_ms": ms(MONDAY), "started_ms": ms(MONDAY), "kind": "first_contact", "late_seconds": None}
    empty |= {"rep": None, "pool": None, "open": in_time is None}
    told = {**empty, **said}
    return Row(**{"lead_id": lead, "promise": f"{told['kind']}.hot", "in_time": in_time, **told})


def test_a_row_is_a_promise() -> None:
    leads = [{"lead_id": name, "captured_ms": 1, "standing": "live"} for name in ("a", "b", "c", "d")]
    visitor = {"lead_id": "v", "captured_ms": 1, "standing": "visitor"}
    told = {"kind": "first_contact", "policy": "hot", "started_ms": 5, "due_ms": 9_000}
    clocks = [
        {**told, "lead_id": "a", "in_time": True, "met_ms": 8_000},
        {**told, "lead_id": "b", "in_time": False, "breached_ms": 9_000, "met_ms": 21_500},
        {**told, "lead_id": "c", "stopped_ms": 7},
        {**told, "lead_id": "d"},
        {**told, "lead_id": "v"},
        {**told, "lead_id": "d", "kind": "next_step"},
        {**told, "lead_id": "d", "kind": "backlog"},
    ]

    found = {row.lead_id: row for row in rows_of("sla", lead_rows=[*leads, visitor], clock_rows=clocks)}

    assert {name: (row.in_time, row.open, row.late_seconds) for name, row in found.items()} == {
        "a": (True, False, None),
        "b": (False, False, 12),
        "c": (None, False, None),
        "d": (None, True, None),
    }
    assert found["a"].promise == "first_contact.hot"


def test_who_waited_for_an_owner_was_kept_waiting_until_there_was_one() -> None:
    """That clock is never met: it stops with the assignment."""
    leads = [{"lead_id": name, "captured_ms": 1, "standing": "live"} for name in ("a", "b", "c", "d")]
    told = {"kind": "assignment", "policy": "assignment", "started_ms": 5, "due_ms": 60_005}
    stops = {"a": 60_005, "b": 62_005, "c": 70, "d": 70}
    clocks = [{**told, "lead_id": name, "stopped_ms": at} for name, at in stops.items()]
    clocks[1] |= {"breached_ms": 60_005, "in_time": False}
    given = [{"lead_id": name, "hop": 1, "at_ms": stops[name], "rep": "anna"} for name in ("a", "b")]
    waiting = {"lead_id": "c", "hop": 1, "at_ms": 70, "waits": "backlog"}

    found = rows_of("sla", lead_rows=leads, clock_rows=clocks, assignment_rows=[*given, waiting])

    assert {row.lead_id: (row.in_time, row.open, row.late_seconds) for row in found} == {
        "a": (True, False, None),
        "b": (False, False, 2),
        "c": (None, False, None),
        "d": (None, False, None),
    }


def test_what_still_runs_or_was_called_off_is_neither_kept_nor_broken() -> None:
    rows = [
        clock("a", True, rep="anna"),
        clock("a", False, rep="anna", kind="lead", late_seconds=60),
        clock("b", None, rep="anna"),
        clock("b", None, open=False, rep="marek"),
    ]

    found = counted("sla", rows)

    assert numbers(found) == {"kept": 0.5, "first_kept": 1, "late_median": 60}
    assert lines(found, "reps")["marek"]["kept"] is None
    assert lines(found, "reps")["anna"] == {
        "rep": "anna", "leads": 2, "clocks": 3, "in_time": 1, "broken": 1, "open": 1, "kept": 0.5, "late_median": 60,
        "first_kept": 1,
    }  # fmt: skip
    assert set(lines(found, "promises")) == {"first_contact.hot", "lead.hot"}
    assert_opens(found, rows)


def test_a_number_rests_on_those_that_were_decided() -> None:
    """Forty leads with other promises make two first contacts no surer."""
    rows = [clock("a", True), clock("b", None), *(clock(f"c{each}", True, kind="stage") for each in range(40))]
    of = {each.id: each.of for each in counted("sla", rows).numbers}
    assert of == {"kept": 41, "first_kept": 1, "late_median": 0}


@pytest.mark.parametrize(("zone", "weekday", "hour"), [("UTC", "sunday", 23), ("Europe/Warsaw", "monday", 1)])
def test_an_hour_is_one_of_the_reader(zone: str, weekday: str, hour: int) -> None:
    """Sunday 2026-03-29 is the day on which Warsaw turns its clocks."""
    at = ms(datetime(2026, 3, 29, 23, 30, tzinfo=UTC))
    rows = [clock("a", True, started_ms=at), clock("b", False, started_ms=at), clock("c", True, kind="stage")]
    asked = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31), zone=zone)

    hours = table(counted("sla", rows, asked), "hours")

    assert [line.values for line in hours.lines if line.values[2]] == [(weekday, hour, 2, 0.5)]
    assert len(hours.lines) == 7 * 24


def test_the_week_begins_when_the_rules_say() -> None:
    hours = table(counted("sla", [], given=around(week_starts="sunday")), "hours")

    assert list(dict.fromkeys(hours.column("weekday")))[:2] == ["sunday", "monday"]


def test_a_month_is_that_of_the_clock_or_of_the_lead() -> None:
    rows = [clock("a", True, captured_ms=ms(MONDAY), started_ms=ms(MONDAY + timedelta(days=31)))]
    asked = Asked(since=date(2026, 3, 1), until=date(2026, 4, 30))

    def months(asked: Asked) -> dict[str, int]:
        return {month: line["clocks"] for month, line in lines(counted("sla", rows, asked), "months").items()}

    assert months(asked) == {"2026-03": 1, "2026-04": 0}
    assert months(asked.with_(date_by="activity")) == {"2026-03": 0, "2026-04": 1}


def many(kept: int, broken: int, **said: Any) -> list[Row]:
    name = said.get("rep", "lead")
    told = [True] * kept + [False] * broken
    return [clock(f"{name}{number}", in_time, **said) for number, in_time in enumerate(told)]


def test_who_keeps_fewest_is_named_only_where_it_is_no_chance() -> None:
    anna, marek, tiny = many(30, 10, rep="anna"), many(10, 30, rep="marek"), many(0, 3, rep="ivana")
    given = around(enough=30)

    assert remarks(counted("sla", anna + marek + tiny, given=given))["weakest_rep"] == {
        "rep": "marek", "kept": 0.25, "clocks": 40,
    }  # fmt: skip
    even = many(20, 20, rep="marek") + many(21, 19, rep="anna")
    assert "weakest_rep" not in remarks(counted("sla", even, given=given))
    assert "weakest_rep" not in remarks(counted("sla", marek, given=given))


def test_a_fall_is_explained() -> None:
    before, worse, more = many(35, 5), many(20, 20), many(50, 50)

    assert remarks(counted("sla", worse, given=around(before)))["kept_less_handling"]["now"] == 0.5
    assert "kept_less_traffic" in remarks(counted("sla", more, given=around(before)))
    assert not remarks(counted("sla", before, given=around(worse)))


def test_of_no_promise_none_was_kept() -> None:
    found = counted("sla", [])

    assert set(numbers(found).values()) == {None}
    assert set(remarks(found)) == {"not_enough"}
