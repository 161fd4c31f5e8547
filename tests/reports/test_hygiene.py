"""What is missing of leads that somebody works, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from leadrelay.reports.hygiene.report import Row
from tests.reports.tables import MONDAY, YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

SOON, LATE = ms(MONDAY + timedelta(hours=1)), ms(MONDAY - timedelta(hours=1))


def lead(name: str, **told: Any) -> Row:
    """An open lead in order."""
    given = {"lead_id": name, "captured_ms": 1_769_990_000_000, "rep_ms": 1_770_000_000_000, "status": "connected",
             "open": True, "given_back": False, "deal_lost": False, "needed_ms": 5, "assigned_ms": 6,
             "next_step": "Call", "next_step_due_ms": SOON, "rep": "anna"}  # fmt: skip
    return Row(**{**dict.fromkeys(Row._fields), **given, **told})


LEADS = [
    lead("fine", contacted_ms=9),
    lead("untouched", status="new"),  # nobody has called: there is nothing to say yet
    lead("silent", status="new", contacted_ms=9, rep="marek"),
    lead("aimless", next_step=None, next_step_due_ms=None, rep="marek"),
    lead("late", next_step_due_ms=LATE),
    lead("told", open=False, given_back=True, reason="no_fit", next_step=None, next_step_due_ms=None),
    lead("untold", open=False, given_back=True, status="new", contacted_ms=9, next_step=None, next_step_due_ms=LATE),
    lead("lost", deal_lost=True),
    lead("alone", open=False, rep=None, rep_ms=None, assigned_ms=None),
]


def test_what_is_missing_of_how_many() -> None:
    found = counted("hygiene", LEADS)
    assert {name: (line["leads"], line["of"]) for name, line in lines(found, "lacks").items()} == {
        "status": (1, 2), "reason": (1, 2), "lost_reason": (1, 1), "next_step": (1, 6), "overdue": (1, 6),
        "owner": (1, 9),
    }  # fmt: skip
    assert numbers(found) == {"no_status": 0.5, "no_reason": 0.5, "no_next_step": pytest.approx(1 / 6)}


def test_with_whom() -> None:
    found = lines(counted("hygiene", LEADS), "reps")
    columns = ("leads", "status", "reason", "lost_reason", "next_step", "overdue", "owner")
    assert {rep: tuple(line[name] for name in columns) for rep, line in found.items()} == {
        "anna": (6, 0, 1, 1, 0, 1, 0), "marek": (2, 1, 0, 0, 1, 0, 0), None: (1, 0, 0, 0, 0, 0, 1),
    }  # fmt: skip


def test_who_leaves_the_most_out_is_named() -> None:
    tidy = [lead(f"t{number}") for number in range(40)]
    untidy = [lead(f"u{number}", next_step=None, rep="marek") for number in range(40)]
    assert remarks(counted("hygiene", [*tidy, *untidy])) == {"rep_next_step": {"rep": "marek", "missing": 40, "of": 40}}
    assert set(remarks(counted("hygiene", LEADS, given=around(enough=30)))) == {"not_enough"}


def test_of_nothing_nothing_is_missing() -> None:
    assert numbers(counted("hygiene", [])) == {"no_status": None, "no_reason": None, "no_next_step": None}


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, YEAR.with_(date_by="activity", since=date(2026, 2, 1), until=date(2026, 3, 1))):
        assert_opens(counted("hygiene", LEADS, asked), LEADS)


@pytest.mark.parametrize(("told", "is_open", "given_back", "lost"), [
    ({}, True, False, False),
    ({"disposition": "accepted"}, True, False, False),
    ({"disposition": "rejected", "stage": "disqualified"}, False, True, False),
    ({"disposition": "recycled", "stage": "recycled"}, False, True, False),
    ({"stage": "customer"}, False, False, False),
    ({"retired_ms": 7}, False, False, False),
    ({"rep": None, "queue": "nurture"}, False, False, False),
    ({"lost_ms": 7}, True, False, True),
    ({"lost_ms": 7, "won_ms": 8}, True, False, False),
])  # fmt: skip
def test_who_is_open_given_back_or_lost(told: dict[str, Any], is_open: bool, given_back: bool, lost: bool) -> None:
    lead = {"lead_id": "one", "standing": "live", "captured_ms": 1, "stage": "lead", "rep": "anna", **told}
    (row,) = rows_of("hygiene", lead_rows=[lead, {**lead, "standing": "imported"}])
    assert (row.open, row.given_back, row.deal_lost) == (is_open, given_back, lost)
