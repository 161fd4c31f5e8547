"""Reps: what they did, and what they made of the leads they got."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from leadrelay.reports.asked import Asked
from leadrelay.reports.reps.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table


def got(lead: str, rep: str, score: int | None = 50, what: str = "lead", **said: Any) -> Row:
    told: dict[str, Any] = {"captured_ms": ms(MONDAY), "happened_ms": ms(MONDAY), "pool": "sdr"}
    told |= dict.fromkeys(("was_sql", "was_opportunity", "made_sql", "made_opportunity"), False)
    return Row(**{**told, "lead_id": lead, "rep": rep, "score": score, "what": what, **said})


def many(rep: str, score: int, sql: int, of: int, **said: Any) -> list[Row]:
    return [got(f"{rep}{score}.{each}", rep, score, made_sql=each < sql, **said) for each in range(of)]


def test_a_row_is_a_lead_that_a_rep_got_or_what_they_did() -> None:
    leads = [
        {"lead_id": "a", "captured_ms": 0, "standing": "live", "sql_ms": 50, "opportunity_ms": 80},
        {"lead_id": "v", "captured_ms": 0, "standing": "imported"},
    ]
    given = [
        {"lead_id": "a", "hop": 1, "at_ms": 10, "ended_ms": 20, "rep": "ivana", "pool": "sdr", "score": 40},
        {"lead_id": "a", "hop": 2, "at_ms": 20, "ended_ms": 60, "rep": "anna", "pool": "sdr", "score": 45},
        {"lead_id": "a", "hop": 3, "at_ms": 60, "rep": "tomasz", "pool": "ae", "score": 70},
        {"lead_id": "v", "hop": 1, "at_ms": 1, "rep": "anna"},
    ]
    done = [
        {"lead_id": "a", "at_ms": 30, "kind": "attempt", "channel": "call", "rep": "anna"},
        {"lead_id": "a", "at_ms": 31, "kind": "attempt", "channel": "social", "rep": "anna"},
        {"lead_id": "a", "at_ms": 32, "kind": "meeting", "channel": "meeting", "rep": "anna"},
        {"lead_id": "a", "at_ms": 33, "kind": "attempt", "channel": "email"},
    ]

    found = rows_of("reps", lead_rows=leads, assignment_rows=given, activity_rows=done)

    made = {row.rep: (row.was_sql, row.made_sql, row.was_opportunity, row.made_opportunity)
            for row in found if row.what == "lead"}  # fmt: skip
    assert made == {
        "ivana": (False, False, False, False),
        "anna": (False, True, False, True),
        "tomasz": (True, False, False, True),
    }
    assert sorted(row.what for row in found if row.what != "lead") == ["call", "meeting", "other"]


def test_what_a_rep_did() -> None:
    tries = [("call", "a"), ("call", "a"), ("email", "b"), ("other", "old")]
    rows = [got("a", "anna", 60), got("b", "anna", 40), got("c", "anna", None)]
    rows += [got(lead, "anna", None, what) for what, lead in tries] + [got("a", "anna", None, "meeting")]

    found = counted("reps", rows)
    anna = lines(found, "reps")["anna"] | lines(found, "done")["anna"]

    done = [anna[name] for name in ("leads", "score", "handled", "calls", "emails", "others", "meetings")]
    assert done == [3, 50, 3, 2, 1, 1, 1]
    assert anna["tries_per_lead"] == 4 / 3
    assert numbers(found) == {"handled_share": 2 / 3, "tries_per_lead": 4 / 3, "sql_share": 0}
    assert found.leads == 3
    assert_opens(found, rows)


def test_who_gets_better_leads_is_expected_to_make_more_of_them() -> None:
    """Both make a tenth of the low and half of the high; Anna got more of the high."""
    rows = [*many("anna", 90, 20, 40), *many("anna", 10, 1, 10), *many("marek", 90, 5, 10), *many("marek", 10, 4, 40)]

    found = counted("reps", rows, given=around(enough=30))
    reps = lines(found, "reps")

    assert (reps["anna"]["sql_share"], reps["marek"]["sql_share"]) == (21 / 50, 9 / 50)
    assert reps["anna"]["sql_expected"] == pytest.approx(21 / 50)
    assert reps["marek"]["sql_index"] == pytest.approx(1)
    assert not remarks(found)
    assert lines(found, "bands")["80+"]["sql_share"] == 0.5


def test_who_makes_more_or_less_of_the_same_leads_is_named() -> None:
    rows = [*many("anna", 50, 30, 60), *many("marek", 50, 5, 60), *many("ivana", 50, 0, 20)]

    told = remarks(counted("reps", rows, given=around(enough=30)))

    assert told["above"] == {
        "rep": "anna", "share": 0.5, "expected": 0.25, "outcome": "sql", "leads": 60,
    }  # fmt: skip
    assert told["below"]["rep"] == "marek"


def test_teams_are_not_compared_with_one_another() -> None:
    rows = [*many("anna", 50, 30, 60), *many("sofia", 50, 1, 60, pool="enterprise")]

    assert not remarks(counted("reps", rows, given=around(enough=30)))


def test_a_lead_counts_once_and_not_if_it_was_there_already() -> None:
    rows = [
        got("a", "anna"),
        got("a", "anna", made_sql=True, happened_ms=ms(MONDAY) + 1),
        got("b", "anna", was_sql=True),
        got("c", "anna", was_sql=True, made_opportunity=True),
    ]

    anna = lines(counted("reps", rows), "reps")["anna"]

    assert (anna["leads"], anna["sql_made"], anna["sql_share"]) == (3, 1, 1)
    assert (anna["opportunity_made"], anna["opportunity_share"]) == (1, 1 / 3)


def test_of_few_reps_nothing_is_said_by_chance() -> None:
    rows = [*many("anna", 50, 16, 30), *many("marek", 50, 12, 30)]

    assert not remarks(counted("reps", rows, given=around(enough=30)))
    assert "not_enough" in remarks(counted("reps", rows[:29], given=around(enough=30)))


def test_one_rep_alone_has_nobody_to_be_compared_with() -> None:
    asked = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31), where={"rep": ("anna",)})

    found = counted("reps", many("anna", 50, 3, 40), asked)

    assert set(remarks(found)) == {"narrowed"}
    assert lines(found, "reps")["anna"]["sql_index"] == pytest.approx(1)


def test_where_nobody_got_anything_nothing_was_made() -> None:
    found = counted("reps", [])

    assert set(numbers(found).values()) == {None}
    assert table(found, "reps").lines == ()
