"""Worked or not: a hundred came, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from leadrelay.reports.worked.report import Row
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

ACTIVITY = YEAR.with_(date_by="activity")


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def lead(name: str, captured: str = "2026-01-10", attempts: int = 0, **told: Any) -> Row:
    times = {key: day(value) if key.endswith("_ms") else value for key, value in told.items()}
    given = {"lead_id": name, "captured_ms": day(captured), "attempts": attempts, "tried": min(attempts, 6)}
    return Row(**{**dict.fromkeys(Row._fields), **given, **times})


LEADS = [
    lead("met", attempts=2, rep_ms="2026-01-10", contacted_ms="2026-01-11", meeting_ms="2026-02-03", rep="anna"),
    lead("called", attempts=7, rep_ms="2026-01-10", contacted_ms="2026-02-01", rep="anna"),
    lead("waits", rep_ms="2026-02-12", captured="2026-02-10", rep="marek"),
    lead("nobody", captured="2026-02-11"),
]


def test_from_the_capture_to_a_meeting() -> None:
    found = counted("worked", LEADS)
    assert {step: (line["leads"], line["share"]) for step, line in lines(found, "way").items()} == {
        "came": (4, 1.0), "received": (3, 0.75), "worked": (2, 0.5), "met": (1, 0.25),
    }  # fmt: skip
    assert numbers(found) == {"worked_share": 2 / 3, "attempts": 4.5, "meeting_share": 0.5}
    assert found.leads == 4


def test_how_often_somebody_tried_to_reach_whom_a_rep_got() -> None:
    found = lines(counted("worked", LEADS), "tried")
    assert {name: line["leads"] for name, line in found.items()} == {
        "0": 1, "1": 0, "2": 1, "3": 0, "4": 0, "5": 0, "6+": 1,
    }  # fmt: skip
    assert (found["2"]["met"], found["6+"]["met"], found["1"]["met"]) == (1.0, 0.0, None)


def test_by_rep() -> None:
    found = lines(counted("worked", LEADS), "reps")
    columns = ("leads", "received", "worked", "met", "worked_share", "attempts", "meeting_share")
    assert {rep: tuple(line[name] for name in columns) for rep, line in found.items()} == {
        "anna": (2, 2, 2, 1, 1.0, 4.5, 0.5), "marek": (1, 1, 0, 0, 0.0, None, None),
        None: (1, 0, 0, 0, None, None, None),
    }  # fmt: skip


def test_by_activity_each_step_is_of_its_own_days() -> None:
    february = ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 28))
    found = counted("worked", LEADS, february)
    assert {step: line["leads"] for step, line in lines(found, "way").items()} == {
        "came": 2, "received": 1, "worked": 1, "met": 1,
    }  # fmt: skip
    spring = counted("worked", LEADS, ACTIVITY.with_(until=date(2026, 3, 5)))
    columns = ("leads", "received", "worked", "met")
    assert {month: tuple(line[name] for name in columns) for month, line in lines(spring, "months").items()} == {
        "2026-01": (2, 2, 1, 0), "2026-02": (2, 1, 1, 1), "2026-03": (0, 0, 0, 0),
    }  # fmt: skip


def test_few_worked_is_traffic_where_no_rep_got_them_and_handling_where_one_did() -> None:
    unfit = [lead(f"unfit{number}") for number in range(95)]
    worked = [lead(f"worked{number}", rep_ms="2026-01-10", contacted_ms="2026-01-11") for number in range(5)]
    left = [lead(f"left{number}", rep_ms="2026-01-10") for number in range(95)]
    assert remarks(counted("worked", [*unfit, *worked]))["few_worked_traffic"] == {
        "leads": 100, "received": 5, "worked": 5,
    }  # fmt: skip
    assert remarks(counted("worked", [*left, *worked]))["few_worked_handling"]["received"] == 100
    assert not {"few_worked_traffic", "few_worked_handling"} & set(remarks(counted("worked", worked)))


def test_a_rep_who_works_fewer_than_the_others_is_named() -> None:
    worked = [lead(f"a{number}", rep="anna", rep_ms="2026-01-10", contacted_ms="2026-01-10") for number in range(40)]
    left = [lead(f"m{number}", rep="marek", rep_ms="2026-01-10") for number in range(40)]
    said = remarks(counted("worked", [*worked, *left]))
    assert said["rep_works_few"] == {"rep": "marek", "worked": 0, "received": 40}
    past = [row._replace(rep_ms=day("2025-03-01"), contacted_ms=day("2025-03-01")) for row in worked]
    fallen = remarks(counted("worked", left, ACTIVITY, around(before=past)))
    assert fallen["worked_fell_handling"] == {"was": 1.0, "now": 0.0, "of": 40, "before": 40}


def test_a_week_is_compared_with_the_one_before_as_it_was_a_week_ago() -> None:
    """Half of both weeks' leads are called within a day, the rest after eight: the older ones are no better."""
    now = [lead("new1", rep_ms="2026-02-24", contacted_ms="2026-02-25"), lead("new2", rep_ms="2026-02-24")]
    past = [
        lead("old1", rep_ms="2026-02-17", contacted_ms="2026-02-18"),
        lead("old2", rep_ms="2026-02-17", contacted_ms="2026-02-25"),
    ]
    asked = ACTIVITY.with_(since=date(2026, 2, 23), until=date(2026, 3, 1))
    found = counted("worked", now, asked, around(before=past)).numbers[0]
    assert (found.value, found.before) == (0.5, 0.5)


def test_nothing_is_worked_of_nothing() -> None:
    assert numbers(counted("worked", [])) == {"worked_share": None, "attempts": None, "meeting_share": None}


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 15))):
        assert_opens(counted("worked", LEADS, asked), LEADS)


def test_who_is_counted_and_many_attempts_are_one_group() -> None:
    leads = [{"lead_id": name, "standing": name, "attempts": 9} for name in ("live", "shadow", "imported", "visitor")]
    assert {(row.lead_id, row.tried) for row in rows_of("worked", lead_rows=leads)} == {("live", 6), ("shadow", 6)}
