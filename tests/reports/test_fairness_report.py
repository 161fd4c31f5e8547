"""Fairness: what each got, against what the weights promise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from leadrelay.reports.asked import Asked
from leadrelay.reports.fairness.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table

YEAR = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31))


def got(lead: str, rep: str, pool: str | None = "sdr", counted: str | None = "other", **said: Any) -> Row:
    told: dict[str, Any] = {"captured_ms": ms(MONDAY), "at_ms": ms(MONDAY), "score": None, "open": False}
    return Row(**{**told, "lead_id": lead, "rep": rep, "pool": pool, "counted": counted, **said})


def many(rep: str, count: int, **said: Any) -> list[Row]:
    return [got(f"{rep}{each}", rep, **said) for each in range(count)]


def test_a_row_is_a_lead_that_a_rep_got() -> None:
    person = {"captured_ms": 0, "standing": "live", "stage": "lead"}
    changed = {"b": {"disposition": "rejected"}, "c": {"stage": "customer"}, "d": {"retired_ms": 1}, "e": {}}
    leads = [{**person, "lead_id": name, **said} for name, said in {"a": {}, **changed}.items()]
    given = [{"lead_id": each["lead_id"], "hop": 1, "at_ms": 1, "rep": "anna", "counted": "hot"} for each in leads]
    given[4] |= {"ended_ms": 5}

    found = rows_of("fairness", lead_rows=leads, assignment_rows=[*given, {"lead_id": "a", "hop": 2, "queue": "n"}])

    assert {row.lead_id: row.open for row in found} == {"a": True, "b": False, "c": False, "d": False, "e": False}
    assert {row.counted for row in found} == {"hot"}


def test_shares_are_those_of_the_weights() -> None:
    """Anna and Ivana weigh two, Marek one."""
    rows = [*many("anna", 5, counted="hot"), *many("marek", 3, score=40, open=True), *many("left", 2)]
    rows += [got("anna0", "anna", counted=None), got("t", "tomasz", pool="ae"), got("u", "tomasz", pool="ae")]

    found = counted("fairness", rows)
    shares = {line.values[:2]: line.values[2:] for line in table(found, "shares").lines}

    assert shares[("sdr", "anna")] == (5, 5, 0.5, 0.4, -1)
    assert shares[("sdr", "marek")] == (3, 3, 0.3, 0.2, -1)
    assert shares[("sdr", "ivana")] == (0, 0, 0, 0.4, 4)
    assert shares[("sdr", "left")] == (2, 2, 0.2, 0, -2)
    assert shares[("ae", "milica")] == (0, 0, 0, 0.5, 1)
    assert ("enterprise", "sofia") not in shares
    anna = lines(found, "reps")["anna"]
    assert (anna["turns"], anna["expected"], anna["hot"], anna["beside"], anna["open"]) == (5, 4, 5, 1, 0)
    assert numbers(found) == {"largest_gap": 0.5, "turns": 12, "most_open": 3}
    assert_opens(found, rows)


def test_an_uneven_share_is_explained_where_there_is_enough() -> None:
    even = [*many("anna", 40), *many("marek", 20), *many("ivana", 40)]
    odd = [*many("anna", 70), *many("marek", 20), *many("ivana", 10)]

    assert remarks(counted("fairness", odd, given=around(enough=30)))["uneven"] == {
        "rep": "anna", "pool": "sdr", "got": 0.7, "promised": 0.4,
    }  # fmt: skip
    slightly = [*many("anna", 4150), *many("marek", 2000), *many("ivana", 3850)]

    for rows in (even, slightly):
        assert not remarks(counted("fairness", rows, given=around(enough=30)))
    assert set(remarks(counted("fairness", odd, given=around(enough=101)))) == {"not_enough"}


@pytest.mark.parametrize(("where", "said"), [("pool", False), ("rep", True), ("source", True)])
def test_filters_that_take_a_part_of_a_pool_are_said(where: str, said: bool) -> None:
    asked = YEAR.with_(where={where: ("sdr",)})

    assert ("narrowed" in remarks(counted("fairness", many("anna", 3), asked))) is said


def test_where_nobody_got_anything_nothing_is_unfair() -> None:
    assert numbers(counted("fairness", [])) == {"largest_gap": None, "turns": 0, "most_open": None}
