"""Spam: what was set aside, why, and how often it was a mistake."""

from __future__ import annotations

from leadrelay.reports.spam.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of


def touch(name: str, reason: str | None, suspected: bool = False, lead: str | None = None, source: str = "web") -> Row:
    return Row(lead, name, ms(MONDAY), source, reason, suspected, let_through=reason is not None and lead is not None)


def test_a_row_is_a_touch_that_says_something() -> None:
    told = {"kind": "submission", "received_ms": 1, "source": "web"}
    touches = [
        {**told, "touch_id": "came", "lead_id": "a", "identified_ms": 3},
        {**told, "touch_id": "parked", "parked_ms": 2, "parked_why": "disposable_mail"},
        {**told, "touch_id": "let", "parked_ms": 2, "parked_why": "unmapped", "lead_id": "a", "identified_ms": 9},
        {**told, "touch_id": "later", "parked_ms": 9, "parked_why": "erased", "lead_id": "a", "identified_ms": 3},
        {**told, "touch_id": "test", "parked_ms": 2, "parked_why": "test"},
        {**told, "touch_id": "crm", "kind": "crm_change"},
    ]

    found = {row.touch_id: (row.reason, row.suspected, row.let_through) for row in rows_of("spam", touch_rows=touches)}

    assert found == {
        "came": (None, False, False),
        "parked": ("disposable_mail", True, False),
        "let": ("unmapped", False, True),
        "later": ("erased", False, False),
    }


def test_shares_are_of_all_that_came() -> None:
    rows = [
        touch("a", "blocked_mail", True),
        touch("b", "blocked_mail", True, lead="x"),
        touch("c", "unmapped"),
        *(touch(f"n{each}", None, lead=f"l{each}") for each in range(7)),
    ]

    found = counted("spam", rows)

    assert numbers(found) == {"parked_share": 0.3, "suspected_share": 0.2, "wrong_share": 0.5}
    assert lines(found, "reasons")["blocked_mail"] == {
        "reason": "blocked_mail", "leads": 1, "touches": 2, "share": 0.2, "let_through": 1, "through_share": 0.5,
    }  # fmt: skip
    assert lines(found, "sources")["web"]["leads"] == 8
    assert remarks(found) == {"mistaken": {"reason": "blocked_mail", "share": 0.5}}
    assert_opens(found, rows)


def test_a_mistake_of_few_is_not_said_nor_one_that_is_rare() -> None:
    rows = [touch("a", "blocked_mail", True, lead="x"), *(touch(f"n{n}", "blocked_mail", True) for n in range(5))]

    assert not remarks(counted("spam", rows))
    assert not remarks(counted("spam", rows[:2], given=around(enough=3)))


def test_more_suspicion_than_before_is_said() -> None:
    calm = [touch(f"n{each}", None) for each in range(100)]
    rough = [*calm[:60], *(touch(f"s{each}", "address_limit", True) for each in range(40))]

    assert remarks(counted("spam", rough, given=around(calm, enough=30)))["more"] == {"was": 0, "now": 0.4}
    assert not remarks(counted("spam", calm, given=around(rough, enough=30)))
    assert not remarks(counted("spam", rough, given=around(calm[:29], enough=30)))


def test_where_nothing_came_nothing_was_set_aside() -> None:
    assert set(numbers(counted("spam", [])).values()) == {None}
