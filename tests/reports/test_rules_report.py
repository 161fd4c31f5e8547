"""Rules: what each decided, how fast, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from leadrelay.reports.asked import Asked
from leadrelay.reports.rules.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, rules


def given(lead: str, rule: str | None, called: float | None = None, rep: str | None = "anna", **said: Any) -> Row:
    told: dict[str, Any] = dict.fromkeys(Row._fields) | {"captured_ms": ms(MONDAY), "at_ms": ms(MONDAY), "why": "new"}
    told |= dict.fromkeys(("met", "sql", "opportunity", "won"), False)
    return Row(**{**told, "lead_id": lead, "rule": rule, "contact_seconds": called, "rep": rep, **said})


def test_a_row_is_a_decision() -> None:
    leads = [
        {"lead_id": "a", "captured_ms": 0, "standing": "live", "sql_ms": 50_000, "customer_ms": 60_000},
        {"lead_id": "v", "captured_ms": 0, "standing": "visitor"},
    ]
    told = {"lead_id": "a", "rule": "hot", "why": "new", "meetings": 0, "needed_ms": 1_000}
    decisions = [
        {**told, "hop": 1, "at_ms": 1_000, "waits": "backlog"},
        {**told, "hop": 2, "at_ms": 2_500, "rep": "anna", "contacted_ms": 4_500, "meetings": 1},
        {**told, "hop": 3, "at_ms": 55_000, "rep": "tomasz", "rule": None, "needed_ms": None, "why": "override"},
        {**told, "lead_id": "v", "hop": 1, "at_ms": 1},
    ]

    first, second = rows_of("rules", lead_rows=leads, assignment_rows=decisions)

    assert (first.rule, first.assign_seconds, first.contact_seconds, first.met) == ("hot", 1.5, 2, True)
    assert (first.sql, first.opportunity, first.won) == (True, False, True)
    assert (second.rule, second.sql, second.won, second.contact_seconds) == (None, False, True, None)


def test_a_rule_is_judged_by_its_leads() -> None:
    rows = [
        given("a", "hot", 10, assign_seconds=1.0, sql=True),
        given("a", "hot", None, "marek", why="breach", assign_seconds=3.0, sql=True),
        given("b", "hot", 30, met=True),
        given("c", "seed", None, None, queue="nurture"),
    ]

    found = counted("rules", rows)
    hot, seed = lines(found, "rules")["hot"], lines(found, "rules")["seed"]

    assert (hot["leads"], hot["hits"], hot["given"], hot["contacted_share"]) == (2, 3, 3, 1)
    assert (hot["assign_median"], hot["contact_median"], hot["sql_share"], hot["meeting_share"]) == (2, 20, 0.5, 0.5)
    assert (seed["contacted_share"], seed["sql_share"], seed["contact_median"]) == (None, 0, None)
    assert numbers(found) == {"assign_median": 2, "contacted_share": 1, "sql_share": 1 / 3}
    assert lines(found, "reasons")["breach"]["leads"] == 1
    assert_opens(found, rows)


def test_rules_that_decide_nothing_are_told() -> None:
    every = [rule.id for rule in rules().routing.rules]
    rows = [given(str(number), rule) for number, rule in enumerate(every[2:])]
    asked = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31))

    found = counted("rules", [*rows, given("x", f"{every[1]}/row")], asked)

    assert remarks(found)["unused"] == {"rules": every[0]}
    assert lines(found, "rules")[every[0]]["leads"] == 0
    assert "unused" not in remarks(counted("rules", rows, asked.with_(where={"source": ("web",)})))
    assert "unused" not in remarks(counted("rules", rows[:1], asked))


def test_the_rule_whose_leads_are_called_least_is_named() -> None:
    good = [given(f"g{each}", "good", 5.0) for each in range(40)]
    bad = [given(f"b{each}", "bad", 5.0 if each < 10 else None) for each in range(40)]
    queued = [given(f"q{each}", "queued", None, None) for each in range(40)]

    told = remarks(counted("rules", [*good, *bad, *queued], given=around(enough=30)))

    assert told["weakest_rule"] == {"rule": "bad", "share": 0.25}
    assert "weakest_rule" not in remarks(counted("rules", [*good, *queued], given=around(enough=30)))


def test_of_nothing_decided_there_is_nothing() -> None:
    found = counted("rules", [])

    assert set(numbers(found).values()) == {None}
    assert set(remarks(found)) == {"not_enough"}
