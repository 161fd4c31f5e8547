"""The audit of won and lost deals, by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.reports.audit.ranks import ranks_differ
from leadrelay.reports.audit.report import Row
from leadrelay.reports.definition import Inputs, Rate
from tests.reports.tables import MONDAY, YEAR, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of

HOUR = 3_600_000
CAPTURED = ms(MONDAY)


def deal(number: int, won: bool, **told: Any) -> Row:
    """A deal that closed `number` days after the others."""
    closed = ms(MONDAY + timedelta(days=30 + number))
    given = {"lead_id": f"lead{number}", "deal_id": f"deal{number:03}", "captured_ms": CAPTURED, "touches": 3}
    given |= {"won_ms" if won else "lost_ms": closed, "hops": 1, "attempts": 2, "rep": "anna", "first_source": "meta"}
    return Row(**{**dict.fromkeys(Row._fields), **given, **told})


def contacted(hours: float) -> dict[str, int]:
    return {"contacted_ms": CAPTURED + round(hours * HOUR)}


def touch(name: str, kind: str, at: int, **told: str) -> dict[str, Any]:
    return {"lead_id": "a", "touch_id": name, "kind": kind, "received_ms": at, "identified_ms": 9 - at, **told}


SLOW = [
    *(deal(n, won=True, first_score=60, in_time=1, **contacted(0.1 + n / 100)) for n in range(12)),
    *(deal(n, won=False, first_score=60, in_time=0, reason="price", **contacted(5 + n)) for n in range(12, 24)),
]


def test_the_latest_of_each_kind_are_told_one_by_one() -> None:
    found = counted("audit", SLOW)
    told = lines(found, "journeys")
    assert list(told)[:2] == ["deal011", "deal010"]
    assert sum(each["outcome"] == "won" for each in told.values()) == 10
    assert "deal001" not in told
    assert found.leads == 20
    few = counted("audit", SLOW, YEAR.with_(take={"won": 3, "lost": 1}))
    assert [each["outcome"] for each in lines(few, "journeys").values()] == ["won", "won", "won", "lost"]
    assert_opens(found, SLOW)


def test_what_differs_is_told_with_the_rule_to_look_at() -> None:
    found = counted("audit", SLOW)
    said = remarks(found)
    assert set(said) == {"reaction_more", "in_time_less", "score_silent"}
    assert said["reaction_more"] == {"won": pytest.approx(0.165 * 3600), "lost": pytest.approx(23.5 * 3600)}
    assert numbers(found)["in_time_lost"] == 0.0
    verdicts = {name: line["differs"] for name, line in lines(found, "differences").items()}
    assert verdicts == {
        "reaction": "differs", "in_time": "differs", "assigned": "too_few", "hops": "alike", "attempts": "alike",
        "meeting": "alike", "touches": "alike", "first_score": "alike",
    }  # fmt: skip
    assert lines(found, "differences")["in_time"]["won"] == "100%"
    assert lines(found, "reasons") == {"price": {"reason": "price", "leads": 10}}


def test_what_helps_the_lost_is_no_advice() -> None:
    """Lost deals that were called sooner do not make calling late a rule."""
    turned = [row._replace(won_ms=row.lost_ms, lost_ms=row.won_ms, reason=None) for row in SLOW]
    said = remarks(counted("audit", turned))
    assert set(said) == {"score_silent", "alike"}


def test_a_score_that_tells_them_apart_is_not_called_silent() -> None:
    apart = [row._replace(first_score=80 if row.won_ms else 40) for row in SLOW]
    said = remarks(counted("audit", apart))
    assert "score_silent" not in said
    assert said["first_score_less"] == {"won": 80, "lost": 40}


def test_too_few_are_not_compared_and_none_is_no_error() -> None:
    assert remarks(counted("audit", SLOW[:16])) == {"too_few": {"won": 10, "lost": 4, "fewest": 5}}
    found = counted("audit", [])
    assert remarks(found) == {"too_few": {"won": 0, "lost": 0, "fewest": 5}}
    assert set(numbers(found).values()) == {None}


def test_a_path_is_short_and_an_amount_is_in_the_currency_asked_for() -> None:
    row = deal(1, won=True, path="paid seo seo seo direct", amount=400_00, currency="PLN")
    long = deal(2, won=True, path=" ".join(["paid", "seo"] * 6), first_source=None)
    told = lines(
        counted("audit", [row, long], given=around(inputs=Inputs(rates=(Rate("2026-01-01", "PLN", "EUR", 0.25),)))),
        "journeys",
    )
    assert told["deal001"]["path"] == "paid → seo ×3 → direct"
    assert told["deal001"]["amount"] == 100_00
    assert told["deal002"]["path"].count("→") == 8
    assert (told["deal002"]["source"], told["deal002"]["amount"]) == (None, None)


def test_rows_are_closed_deals_with_the_way_of_their_lead() -> None:
    lead = {"lead_id": "a", "captured_ms": 1, "standing": "live", "touches": 2, "attempts": 1, "hops": 2}
    found = rows_of(
        "audit",
        lead_rows=[lead, {**lead, "lead_id": "b", "standing": "imported"}],
        deal_rows=[
            {"lead_id": "a", "deal_id": "1", "opened_ms": 5, "won_ms": 9},
            {"lead_id": "a", "deal_id": "2", "opened_ms": 5},
            {"lead_id": "b", "deal_id": "3", "opened_ms": 5, "lost_ms": 9},
        ],
        touch_rows=[
            {
                "lead_id": "a",
                "touch_id": "t2",
                "kind": "behaviour",
                "received_ms": 3,
                "identified_ms": 3,
                "class": "seo",
            },
            {
                "lead_id": "a",
                "touch_id": "t1",
                "kind": "submission",
                "received_ms": 2,
                "identified_ms": 4,
                "source": "meta",
            },
            {
                "lead_id": "a",
                "touch_id": "t3",
                "kind": "crm_change",
                "received_ms": 1,
                "identified_ms": 1,
                "class": "paid",
            },
        ],
        clock_rows=[
            {"lead_id": "a", "kind": "first_contact", "hop": 1, "in_time": False},
            {"lead_id": "a", "kind": "first_contact", "hop": 2, "in_time": True},
            {"lead_id": "a", "kind": "acceptance", "hop": 2, "in_time": False},
        ],
    )
    assert [(row.deal_id, row.path, row.in_time, row.hops) for row in found] == [("1", "meta seo", 0, 2)]


def test_ranks_by_the_table_of_critical_values() -> None:
    """Of five and five the table (5 %, two-sided) says U of 2 and less; the approximation says the same."""
    ones = [1.0, 2, 3, 4, 5]
    assert ranks_differ(ones, [4.5, 6, 7, 8, 9])  # U = 1
    assert not ranks_differ(ones, [3.5, 4.5, 6, 7, 8])  # U = 3
    assert not ranks_differ(ones, ones)
    assert not ranks_differ([1] * 4, [9] * 40)
    assert not ranks_differ([1] * 20, [1] * 20)


def test_ranks_are_wrong_about_one_time_in_twenty() -> None:
    dice = random.Random(7)
    wrong = sum(
        ranks_differ([dice.random() for _ in range(10)], [dice.random() for _ in range(10)]) for _ in range(2_000)
    )
    assert 40 <= wrong <= 130
