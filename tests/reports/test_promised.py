"""What marketing promised and what it brought, by hand; and the review of a month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadrelay.domain.reporting.policy import Promised
from leadrelay.reports.asked import Asked
from leadrelay.reports.monthly.report import Row as Promise
from leadrelay.reports.promise import promised
from leadrelay.reports.promised.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table

TWO = Asked(since=date(2026, 1, 1), until=date(2026, 2, 14))
PROMISE = {"mqls": 31, "by_source": {"meta": 10, "fair": 4}}


def day(text: str) -> int:
    return ms(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC))


def mql(name: str, at: str = "2026-01-10", lack: str | None = None, source: str = "meta", **told: Any) -> Row:
    given = {"lead_id": name, "captured_ms": day("2026-01-09"), "mql_ms": day(at), "complete": lack is None,
             "lack": lack, "first_source": source, "last_source": "web"}  # fmt: skip
    return Row(**{**dict.fromkeys(Row._fields), **given, **told})


MQLS = [
    mql("whole", accepted_ms=5), mql("torn", lack="company"), mql("torn", lack="named"),
    mql("late", at="2026-02-03", source="web"),
]  # fmt: skip


@pytest.mark.parametrize(("since", "until", "where", "expected"), [
    (date(2026, 1, 1), date(2026, 2, 14), {}, 31 + 15.5),
    (date(2026, 2, 15), date(2026, 3, 31), {}, 15.5 + 2),  # today is 2 March
    (date(2026, 1, 1), date(2026, 1, 31), {"source": ("meta", "web")}, 10),
    (date(2026, 1, 1), date(2026, 1, 31), {"source": ("web",)}, None),
    (date(2026, 1, 1), date(2026, 1, 31), {"segment": ("big",)}, None),
    (date(2027, 1, 1), date(2027, 1, 31), {}, 0),
])  # fmt: skip
def test_a_promise_counts_by_the_days_until_today(
    since: date, until: date, where: dict[str, tuple[str, ...]], expected: float | None
) -> None:
    asked = Asked(since=since, until=until, where=where)
    assert promised(Promised(**PROMISE), asked, MONDAY) == (None if expected is None else pytest.approx(expected))


def test_a_promise_of_sources_alone_is_one_of_all() -> None:
    asked = Asked(since=date(2026, 1, 1), until=date(2026, 1, 31))
    assert promised(Promised(by_source={"meta": 10, "fair": 4}), asked, MONDAY) == 14
    assert promised(Promised(), asked, MONDAY) is None


def test_promised_and_brought_in_all_by_month_and_by_source() -> None:
    found = counted("promised", MQLS, TWO.with_(date_by="activity"), around(promised=PROMISE))
    assert numbers(found) == {"mqls": 3, "delivered": pytest.approx(3 / 46.5), "complete": pytest.approx(2 / 3)}
    columns = ("leads", "promised", "delivered", "complete_share", "accepted_share")
    assert {month: tuple(line[name] for name in columns) for month, line in lines(found, "months").items()} == {
        "2026-01": (2, 31, pytest.approx(2 / 31), 0.5, 0.5), "2026-02": (1, 15.5, pytest.approx(1 / 15.5), 1.0, 0.0),
    }  # fmt: skip
    sources = {name: (line["leads"], line["promised"]) for name, line in lines(found, "sources").items()}
    assert sources == {"meta": (2, 15), "web": (1, None), "fair": (0, 6)}
    by_capture = lines(counted("promised", MQLS, TWO, around(promised=PROMISE)), "months")
    assert [line["leads"] for line in by_capture.values()] == [3, 0]


def test_what_hand_overs_lacked_in_the_order_of_the_rules() -> None:
    found = [line.values for line in table(counted("promised", [*MQLS, mql("old", lack="fax")]), "criteria").lines]
    assert found == [("reachable", 0, 0.0), ("named", 1, 0.25), ("company", 1, 0.25), ("fax", 1, 0.25)]


def test_who_is_behind_is_said() -> None:
    said = remarks(counted("promised", MQLS, TWO, around(promised=PROMISE)))
    assert said["behind"] == {"mqls": 3, "promised": 46}
    assert said["source_behind"] == {"source": "fair", "mqls": 0, "promised": 6}
    assert "no_promise" in remarks(counted("promised", MQLS, TWO))
    narrowed = TWO.with_(where={"segment": ("big",)})
    assert "filtered" in remarks(counted("promised", MQLS, narrowed, around(promised=PROMISE)))
    kept = remarks(counted("promised", MQLS, TWO, around(promised={"mqls": 2})))
    assert "behind" not in kept


def test_nothing_was_promised_and_nothing_came() -> None:
    assert numbers(counted("promised", [])) == {"mqls": 0, "delivered": None, "complete": None}


def test_a_lead_that_lacks_two_things_is_one_lead() -> None:
    lead = {"lead_id": "torn", "standing": "live", "captured_ms": 1, "mql_ms": 2, "lacks": "named,company"}
    rows = rows_of("promised", lead_rows=[lead, {**lead, "lead_id": "whole", "lacks": None}, {**lead, "mql_ms": None}])
    assert {(row.lead_id, row.complete, row.lack) for row in rows} == {
        ("torn", False, "named"), ("torn", False, "company"), ("whole", True, None),
    }  # fmt: skip
    found = counted("promised", rows)
    assert table(found, "sources").lines[0].values[1] == 2
    assert_opens(found, rows)


def kept(name: str, promise: str, how: bool | None, at: str = "2026-02-10", **told: Any) -> Promise:
    given = {"lead_id": name, "captured_ms": day("2026-01-09"), "at_ms": day(at), "promise": promise, "kept": how,
             "side": "marketing" if promise == "handover" else "sales", "open": False}  # fmt: skip
    return Promise(**{**dict.fromkeys(Promise._fields), "rep": "anna", "first_source": "meta", **given, **told})


KEPT = [
    kept("one", "handover", True), kept("two", "handover", False), kept("three", "handover", True, at="2026-01-10"),
    kept("one", "first_contact", True), kept("two", "first_contact", False, rep="marek"),
    kept("two", "first_contact", True), kept("three", "first_contact", None, open=True),
    kept("one", "attempts", None),
]  # fmt: skip


def test_both_sides_promise_by_promise() -> None:
    found = counted("monthly", KEPT, TWO, around(promised={"mqls": 31}))
    columns = ("leads", "side", "kept", "broken", "open", "kept_share")
    assert {name: tuple(line[key] for key in columns) for name, line in lines(found, "promises").items()} == {
        "handover": (3, "marketing", 2, 1, 0, pytest.approx(2 / 3)),
        "first_contact": (3, "sales", 2, 1, 1, pytest.approx(2 / 3)),
        "attempts": (1, "sales", 0, 0, 0, None),
    }
    assert numbers(found) == {
        "delivered": pytest.approx(3 / 46.5), "handover_kept": pytest.approx(2 / 3), "first_kept": pytest.approx(2 / 3),
    }  # fmt: skip
    assert {rep: (line["leads"], line["kept_share"]) for rep, line in lines(found, "reps").items()} == {
        "anna": (3, 1.0), "marek": (1, 0.0),
    }  # fmt: skip
    assert lines(found, "sources")["meta"]["leads"] == 3


def test_the_months_of_a_review_are_those_of_the_promises() -> None:
    found = lines(counted("monthly", KEPT, TWO.with_(date_by="activity")), "months")
    assert {month: (line["leads"], line["handover"], line["first_contact"]) for month, line in found.items()} == {
        "2026-01": (1, 1.0, None), "2026-02": (3, 0.5, pytest.approx(2 / 3)),
    }  # fmt: skip


def test_who_keeps_less_than_before_is_said_and_which_promise() -> None:
    now = [kept(f"n{number}", "first_contact", number < 10) for number in range(40)]
    other = [kept(f"o{number}", "acceptance", True) for number in range(40)]
    before = [kept(f"b{number}", "first_contact", True) for number in range(80)]
    said = remarks(counted("monthly", [*now, *other], TWO, around(before=before)))
    assert said["sales_kept_handling"] == {"was": 1.0, "now": 50 / 80, "of": 80, "before": 80}
    assert said["worst_promise"] == {"promise": "first_contact", "share": 0.25}
    assert remarks(counted("monthly", [], TWO, around(promised={"mqls": 31})))["behind"] == {"mqls": 0, "promised": 46}


def test_every_promise_opens_the_leads_that_it_counts() -> None:
    for asked in (TWO, TWO.with_(date_by="activity", since=date(2026, 2, 1))):
        assert_opens(counted("monthly", KEPT, asked), KEPT)


def test_promises_are_of_mqls_and_of_clocks_that_people_keep() -> None:
    leads = [{"lead_id": "one", "standing": "live", "captured_ms": 1, "mql_ms": 2, "lacks": "company"}]
    clock = {"lead_id": "one", "started_ms": 3, "rep": "anna"}
    clocks = [
        {**clock, "kind": "first_contact", "in_time": False}, {**clock, "kind": "acceptance"},
        {**clock, "kind": "attempts", "stopped_ms": 9}, {**clock, "kind": "assignment", "in_time": True},
        {**clock, "kind": "next_step"}, {**clock, "kind": "first_contact", "lead_id": "nobody"},
    ]  # fmt: skip
    found = rows_of("monthly", lead_rows=leads, clock_rows=clocks)
    assert {(row.side, row.promise, row.kept, row.open) for row in found} == {
        ("marketing", "handover", False, False), ("sales", "first_contact", False, False),
        ("sales", "acceptance", None, True), ("sales", "attempts", None, False),
    }  # fmt: skip
