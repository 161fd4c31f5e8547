"""What sales said of MQLs, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from leadrelay.reports.acceptance.report import Row
from tests.reports.tables import YEAR, around, assert_opens, counted, lines, numbers, remarks, rows_of, table

MINUTE = 60_000


def mql(name: str, verdict: str = "accepted", wait: int | None = None, **told: Any) -> Row:
    """`wait` minutes until it was accepted."""
    accepted = None if wait is None else 1_770_000_000_000 + wait * MINUTE
    given = {"lead_id": name, "captured_ms": 1_769_990_000_000, "mql_ms": 1_770_000_000_000, "accepted_ms": accepted}
    given["judged_ms"] = None if verdict == "pending" else 1_770_000_000_000
    return Row(**{**dict.fromkeys(Row._fields), **given, "verdict": verdict, **told})


MQLS = [
    mql("quick", wait=10, rep="anna", first_source="web", mql_score=45),
    mql("slow", wait=40, rep="anna", first_source="meta", mql_score=69),
    mql("before", wait=-5, rep="anna", first_source="meta", mql_score=70),
    mql("no", "rejected", reason="no_fit", rep="marek", first_source="meta", mql_score=40),
    mql("unsaid", "rejected", rep="marek"),
    mql("later", "recycled", reason="too_early", rep="marek"),
    mql("quiet", "pending", rep="marek"),
]


def test_what_sales_said() -> None:
    found = counted("acceptance", MQLS)
    assert {name: line["leads"] for name, line in lines(found, "verdicts").items()} == {
        "accepted": 3, "rejected": 2, "recycled": 1, "pending": 1,
    }  # fmt: skip
    assert numbers(found) == {"acceptance": 3 / 6, "pending_share": 1 / 7, "wait": 25 * 60}


def test_reasons_are_those_of_who_was_given_back() -> None:
    assert [line.values for line in table(counted("acceptance", MQLS), "reasons").lines] == [
        ("no_fit", 1, "rejected", pytest.approx(1 / 3)),
        (None, 1, "rejected", pytest.approx(1 / 3)),
        ("too_early", 1, "recycled", pytest.approx(1 / 3)),
    ]


def test_by_rep_source_and_score() -> None:
    found = counted("acceptance", MQLS)
    reps = {rep: (line["leads"], line["acceptance"], line["pending"]) for rep, line in lines(found, "reps").items()}
    assert reps == {"marek": (4, 0.0, 1), "anna": (3, 1.0, 0)}
    assert lines(found, "sources")["meta"]["acceptance"] == pytest.approx(2 / 3)
    assert {band: line["leads"] for band, line in lines(found, "bands").items() if line["leads"]} == {
        "40–59": 2, "60–69": 1, "70–79": 1,
    }  # fmt: skip


def test_a_source_that_is_refused_and_a_rep_who_refuses_are_named() -> None:
    good = [mql(f"g{number}", rep="anna", first_source="web", last_source="meta") for number in range(40)]
    bad = [mql(f"b{number}", "rejected", rep="marek", first_source="meta", last_source="web") for number in range(40)]
    said = remarks(counted("acceptance", [*good, *bad]))
    assert said["source_refused"] == {"who": "meta", "share": 0.0, "of": 40}
    assert said["rep_refuses"] == {"who": "marek", "share": 0.0, "of": 40}
    last = remarks(counted("acceptance", [*good, *bad], YEAR.with_(attribution="last")))
    assert last["source_refused"]["who"] == "web"
    past = {"captured_ms": 1_735_000_000_000, "mql_ms": 1_735_000_000_000, "judged_ms": 1_735_000_000_000}
    fallen = remarks(counted("acceptance", bad, given=around(before=[row._replace(**past) for row in good])))
    assert fallen["acceptance_handling"] == {"was": 1.0, "now": 0.0, "of": 40, "before": 40}


def test_the_time_before_is_seen_at_the_same_age() -> None:
    """A year before the second of March nobody had said anything of the one who was accepted in April."""
    past = {"captured_ms": 1_735_000_000_000, "mql_ms": 1_735_000_000_000}
    soon = mql("soon", **past)._replace(judged_ms=1_735_000_000_000)
    late = mql("late", "rejected", **past)._replace(judged_ms=1_744_000_000_000)
    found = {one.id: one.before for one in counted("acceptance", MQLS, given=around(before=[soon, late])).numbers}
    assert (found["acceptance"], found["pending_share"]) == (1.0, 0.5)


def test_whoever_nobody_has_judged_has_no_acceptance() -> None:
    waiting = [mql("quiet", "pending")]
    assert numbers(counted("acceptance", waiting)) == {"acceptance": None, "pending_share": 1.0, "wait": None}
    assert numbers(counted("acceptance", [])) == {"acceptance": None, "pending_share": None, "wait": None}
    assert remarks(counted("acceptance", MQLS, given=around(enough=7)))["not_enough"] == {"leads": 6, "enough": 7}


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, YEAR.with_(date_by="activity", since=date(2026, 2, 1), until=date(2026, 3, 1))):
        assert_opens(counted("acceptance", MQLS, asked), MQLS)


@pytest.mark.parametrize(("told", "verdict", "reason"), [
    ({}, "pending", None),
    ({"rejected_ms": 5, "rejected_reason": "no_fit"}, "rejected", "no_fit"),
    ({"recycled_ms": 5, "recycled_reason": "too_early"}, "recycled", "too_early"),
    ({"rejected_ms": 5, "accepted_ms": 9, "rejected_reason": "no_fit"}, "accepted", "no_fit"),
    ({"opportunity_ms": 7}, "accepted", None),
    ({"recycled_ms": 4, "customer_ms": 7}, "accepted", None),
])  # fmt: skip
def test_a_verdict_is_what_they_did(told: dict[str, Any], verdict: str, reason: str | None) -> None:
    lead = {"lead_id": "one", "standing": "live", "captured_ms": 1, "mql_ms": 2, **told}
    (row,) = rows_of("acceptance", lead_rows=[lead, {**lead, "lead_id": "no_mql", "mql_ms": None}])
    assert (row.verdict, row.reason) == (verdict, reason)
