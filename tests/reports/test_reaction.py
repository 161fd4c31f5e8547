"""Reaction: how long leads waited, counted by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leadrelay.reports.reaction.report import Row
from tests.reports.tables import MONDAY, around, assert_opens, counted, lines, ms, numbers, remarks, rows_of, table


def lead(name: str, **said: Any) -> dict[str, Any]:
    return {"lead_id": name, "captured_ms": ms(MONDAY), "standing": "live", "rep_ms": ms(MONDAY), **said}


TWO_YEARS = 2 * 365 * 86_400_000


def after(**waited: float) -> int:
    return ms(MONDAY + timedelta(**waited))


def waited(name: str, seconds: int | None, **said: Any) -> Row:
    """A lead that was called after so many seconds; none: nobody called."""
    contacted = None if seconds is None else ms(MONDAY) + seconds * 1000
    empty = dict.fromkeys(("business_seconds", "rep", "temperature", "first_source", "last_source"))
    empty |= dict.fromkeys(("meeting_ms", "sql_ms"))
    told = {"captured_ms": ms(MONDAY), "rep_ms": ms(MONDAY), "contacted_ms": contacted, "elapsed_seconds": seconds}
    return Row(**{"lead_id": name, **empty, **told, **said})


def test_a_row_is_a_lead_with_the_clock_of_who_called_first() -> None:
    leads = [
        lead("a", contacted_ms=after(minutes=7), rep="tomasz", first_source="web", sql_ms=after(days=1)),
        lead("b", rep="anna"),
        lead("known", contacted_ms=ms(MONDAY) - 1),
        lead("visitor", standing="visitor"),
        lead("old", standing="imported"),
        lead("gone", standing="gone"),
    ]
    clock = {"lead_id": "a", "kind": "first_contact", "met_ms": after(minutes=7)}
    clocks = [
        {**clock, "hop": 2, "rep": "marek", "owner_seconds": 60},
        {**clock, "hop": 1, "rep": "anna", "owner_seconds": 300},
        {**clock, "hop": 0, "kind": "lead", "rep": "nobody", "owner_seconds": 1},
        {**clock, "lead_id": "b", "met_ms": None, "rep": "ivana"},
    ]

    found = {row.lead_id: row for row in rows_of("reaction", lead_rows=leads, clock_rows=clocks)}

    assert set(found) == {"a", "b", "known"}
    assert (found["a"].elapsed_seconds, found["a"].business_seconds, found["a"].rep) == (420, 300, "anna")
    assert (found["b"].elapsed_seconds, found["b"].business_seconds, found["b"].rep) == (None, None, "anna")
    assert found["known"].elapsed_seconds is None, "they were in touch before they asked"


def test_middles_and_the_slow_end() -> None:
    rows = [waited("a", 60, business_seconds=30), waited("b", 120), waited("c", 600), waited("d", None)]

    found = counted("reaction", rows)

    assert numbers(found) == {"median": 120, "p90": 504, "contacted_share": 0.75}
    assert lines(found, "times") == {
        "elapsed": {"counted": "elapsed", "leads": 3, "mean": 260, "median": 120, "p90": 504},
        "business": {"counted": "business", "leads": 1, "mean": 30, "median": 30, "p90": 30},
    }
    assert remarks(found)["untouched"] == {"leads": 1, "given": 4}


def test_exactly_five_minutes_are_within_five_minutes() -> None:
    rows = [waited("a", 0), waited("b", 300), waited("c", 301, sql_ms=1), waited("d", 10**6), waited("e", None)]

    found = lines(counted("reaction", rows), "distribution")

    assert {within: line["leads"] for within, line in found.items() if line["leads"]} == {"5m": 2, "15m": 1, "later": 1}
    assert (found["5m"]["share"], found["15m"]["sql_share"], found["1h"]["sql_share"]) == (0.4, 1, None)


def test_by_rep_source_and_heat() -> None:
    rows = [
        waited("a", 60, rep="anna", first_source="web", last_source="meta", temperature="hot"),
        waited("b", None, rep="anna", first_source="web", last_source="web"),
        waited("c", 300, rep="marek", first_source="meta", last_source="web"),
    ]

    found = counted("reaction", rows)

    assert lines(found, "reps")["anna"]["contacted_share"] == 0.5
    assert lines(found, "reps")["anna"]["median"] == 60
    assert {name: line["leads"] for name, line in lines(found, "sources").items()} == {"web": 2, "meta": 1}
    assert lines(found, "temperatures")[None]["leads"] == 2
    assert [line["leads"] for line in lines(found, "months").values()] == [0, 0, 3, *[0] * 9]


def test_of_nobody_there_is_no_time() -> None:
    found = counted("reaction", [])

    assert numbers(found) == {"median": None, "p90": None, "contacted_share": None}
    assert set(remarks(found)) == {"not_enough"}
    assert lines(found, "distribution")["5m"]["share"] is None


def past(row: Row) -> Row:
    """Two years earlier."""
    called = None if row.contacted_ms is None else row.contacted_ms - TWO_YEARS
    return row._replace(captured_ms=row.captured_ms - TWO_YEARS, contacted_ms=called)


def test_the_time_before_is_seen_at_the_same_age() -> None:
    """Who was called after a year and a half was still waiting when the leads before were as old as these are."""
    before = [past(waited("soon", 60)), past(waited("late", 550 * 86_400))]
    found = {one.id: one.before for one in counted("reaction", [waited("a", 5)], given=around(before)).numbers}
    assert (found["median"], found["contacted_share"]) == (60, 0.5)


def test_a_longer_wait_is_explained() -> None:
    """Twice as many leads explain it; as many as before do not."""
    quick = [past(waited(f"a{number}", 100)) for number in range(30)]
    slow = [waited(f"b{number}", 200) for number in range(30)]
    more = [waited(f"c{number}", 200) for number in range(60)]

    assert "slower_handling" in remarks(counted("reaction", slow, given=around(quick)))
    assert "slower_traffic" in remarks(counted("reaction", more, given=around(quick)))
    assert not remarks(counted("reaction", quick, given=around([past(row) for row in slow])))
    assert "slower_handling" not in remarks(counted("reaction", slow, given=around(quick, enough=31)))


def test_what_a_table_says_can_be_opened() -> None:
    rows = [waited("a", 60, rep="anna"), waited("b", 4000, business_seconds=50), waited("c", None)]
    found = counted("reaction", rows)

    assert all(
        line.opens is not None for name in ("times", "distribution", "reps") for line in table(found, name).lines
    )
    assert_opens(found, rows)
