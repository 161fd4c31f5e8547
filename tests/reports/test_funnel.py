"""The funnel, by hand and against an independent count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs, Visits
from leadrelay.reports.funnel.report import Row
from leadrelay.reports.result import Value
from tests.reports.tables import (
    YEAR,
    around,
    assert_opens,
    counted,
    lines,
    ms,
    numbers,
    remarks,
    rows_of,
    table,
)  # fmt: skip

STAGES = ("subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist")
START = datetime(2026, 1, 10, 12, tzinfo=UTC)
ACTIVITY = YEAR.with_(date_by="activity")


def at(days: float) -> int:
    return ms(START + timedelta(days=days))


def person(name: str, captured: float = 0, **reached: float) -> Row:
    """Who was captured so many days after the start, and reached these stages then."""
    times = {f"{stage}_ms": at(days) for stage, days in reached.items()}
    return Row(**{**dict.fromkeys(Row._fields), "lead_id": name, "known": True, "captured_ms": at(captured), **times})


ALL = [
    person("bought", subscriber=0, lead=0, mql=2, sal=3, sql=10, opportunity=20, customer=40),
    person("jumped", captured=1, subscriber=1, lead=1, sql=5, opportunity=9),
    person("asked", captured=35, subscriber=35, lead=36, mql=38),
    person("reader", captured=40, subscriber=41),
    Row(**{**dict.fromkeys(Row._fields), "lead_id": "nobody", "known": False, "captured_ms": at(3)}),  # type: ignore[arg-type]
]


def test_each_stage_is_reached_jumped_over_or_passed() -> None:
    found = lines(counted("funnel", ALL), "stages")
    expected = {
        "visitor": (5, 0, 5, None),
        "subscriber": (4, 0, 4, 4 / 5),
        "lead": (3, 0, 3, 3 / 4),
        "mql": (2, 1, 3, 1.0),
        "sal": (1, 1, 2, 2 / 3),
        "sql": (2, 0, 2, 1.0),
        "opportunity": (2, 0, 2, 1.0),
        "customer": (1, 0, 1, 1 / 2),
        "evangelist": (0, 0, 0, 0.0),
    }
    columns = ("leads", "skipped", "passed", "conversion")
    assert {stage: tuple(line[name] for name in columns) for stage, line in found.items()} == expected
    assert found["sql"]["seconds"] == 7 * 86_400  # of the one that was SAL before
    assert found["lead"]["seconds"] == 0
    assert found["sql"]["of_leads"] == 2 / 4


def test_who_stopped_where() -> None:
    found = lines(counted("funnel", ALL), "stopped")
    assert {stage: line["leads"] for stage, line in found.items() if line["leads"]} == {
        "subscriber": 1, "mql": 1, "opportunity": 1, "customer": 1,
    }  # fmt: skip
    assert found["mql"]["share"] == pytest.approx(1 / 3)


def test_between_any_two_stages() -> None:
    found = {line.values[:2]: line.values[2:] for line in table(counted("funnel", ALL), "between").lines}
    assert len(found) == len(STAGES) * (len(STAGES) - 1) / 2
    assert found["lead", "sql"] == (2, 3, pytest.approx(2 / 3), 7 * 86_400, pytest.approx(9.4 * 86_400))
    assert found["mql", "customer"] == (1, 2, 0.5, 38 * 86_400, 38 * 86_400)


def test_key_numbers_and_what_is_not_enough() -> None:
    found = counted("funnel", ALL)
    assert numbers(found) == {"leads": 4, "conversion": 1 / 4, "seconds_to_customer": 40 * 86_400}
    assert found.leads == 4
    assert set(remarks(counted("funnel", ALL, given=around(enough=30)))) == {"not_enough"}


def test_the_biggest_leak_is_the_step_that_the_smallest_part_goes_through() -> None:
    assert remarks(counted("funnel", ALL))["leak"] == {
        "stage": "opportunity",
        "next": "customer",
        "share": 0.5,
        "lost": 1,
    }
    few = remarks(counted("funnel", ALL, given=around(enough=3)))
    assert few["leak"] == {"stage": "mql", "next": "sal", "share": pytest.approx(2 / 3), "lost": 1}


def test_by_activity_only_what_happened_in_the_days_counts_whenever_they_came() -> None:
    february = ACTIVITY.with_(since=date(2026, 2, 1), until=date(2026, 2, 28))
    found = counted("funnel", ALL, february)
    reached = {stage: line["leads"] for stage, line in lines(found, "stages").items() if line["leads"]}
    assert reached == {"visitor": 2, "subscriber": 2, "lead": 1, "mql": 1, "customer": 1}
    assert numbers(found)["seconds_to_customer"] == 40 * 86_400
    assert "stopped" not in {one.id for one in found.tables}
    assert found.leads == 2


def test_month_by_month_of_those_captured_in_it_or_of_what_happened_in_it() -> None:
    spring = YEAR.with_(until=date(2026, 3, 31))
    by_capture, by_activity = (
        {month: (line["leads"], line["mql"], line["customer"]) for month, line in found.items()}
        for found in (
            lines(counted("funnel", ALL, asked), "months") for asked in (spring, spring.with_(date_by="activity"))
        )
    )
    assert by_capture == {"2026-01": (2, 1, 1), "2026-02": (2, 1, 0), "2026-03": (0, 0, 0)}
    assert by_activity == {"2026-01": (2, 1, 0), "2026-02": (2, 1, 1), "2026-03": (0, 0, 0)}


def test_a_stage_is_jumped_over_when_the_first_of_those_behind_it_is_reached() -> None:
    """The first of February is the twenty-second day: who jumped became SQL before it, and got a deal after it."""
    jumped = [person("jumped", subscriber=0, lead=0, sql=5, opportunity=30)]
    january, february = (
        lines(
            counted("funnel", jumped, ACTIVITY.with_(since=date(2026, month, 1), until=date(2026, month, 28))), "stages"
        )
        for month in (1, 2)
    )
    assert (january["mql"]["skipped"], february["mql"]["skipped"]) == (1, 0)
    assert (january["mql"]["passed"], february["opportunity"]["passed"]) == (1, 1)


def test_a_month_that_is_asked_for_in_part_counts_in_part() -> None:
    found = counted("funnel", ALL, ACTIVITY.with_(since=date(2026, 1, 11), until=date(2026, 2, 16)))
    months = {month: (line["leads"], line["mql"], line["sql"]) for month, line in lines(found, "months").items()}
    assert months == {"2026-01": (1, 1, 2), "2026-02": (1, 0, 0)}  # one became MQL on the seventeenth


def test_every_number_opens_the_leads_that_it_counts() -> None:
    for asked in (YEAR, ACTIVITY, ACTIVITY.with_(since=date(2026, 1, 15), until=date(2026, 2, 15))):
        assert_opens(counted("funnel", ALL, asked), ALL)


def test_the_time_before_is_seen_at_the_same_age() -> None:
    """Leads of the ten days before had ten days more to become customers: those do not count."""
    asked = Asked(since=date(2026, 1, 11), until=date(2026, 1, 20))
    quick, slow = person("quick", captured=-3, customer=30), person("slow", captured=-3, customer=48)
    given = around(before=[quick, slow])  # now is 2 March: 41 days after the first of them could have been seen
    before = {number.id: number.before for number in counted("funnel", ALL[:1], asked, given).numbers}
    assert before["leads"] == 2
    assert before["conversion"] == 0.5


def test_fewer_than_before_is_traffic_or_handling() -> None:
    asked = Asked(since=date(2026, 1, 10), until=date(2026, 2, 10))
    then = around(before=[person(f"then{number}", captured=-20, mql=-10) for number in range(80)])
    few = [person(f"now{number}", mql=2) for number in range(30)]
    worse = [*few, *(person(f"other{number}") for number in range(60))]
    many = [person(f"now{number}", mql=2) for number in range(80)]
    said = {"stage": "mql", "now": 30, "before": 80}
    assert remarks(counted("funnel", few, asked, then))["fewer_traffic"] == said
    assert remarks(counted("funnel", worse, asked, then))["fewer_handling"] == said
    assert not {"fewer_traffic", "fewer_handling"} & set(remarks(counted("funnel", many, asked, then)))


VISITS = (
    Visits("2026-01-01", None, 70), Visits("2026-01-01", "meta", 30), Visits("2026-01-01", "google", 50),
    Visits("2026-01-02", "meta", 7), Visits("2027-01-01", None, 999),
)  # fmt: skip


@pytest.mark.parametrize(("where", "visitors", "opens"), [
    ({}, 77, False),  # of all where that was counted, else of each source
    ({"source": ("meta",)}, 37, False),
    ({"source": ("meta", "google")}, 87, False),
    ({"campaign": ("spring",)}, 5, True),  # the other tool knows no campaigns
    ({"segment": ("big",)}, None, False),  # nobody knows the segment of who never said who they are
])  # fmt: skip
def test_visitors_are_those_of_the_tool_that_counts_them(
    where: dict[str, tuple[str, ...]], visitors: int | None, opens: bool
) -> None:
    found = counted("funnel", ALL, YEAR.with_(where=where), around(inputs=Inputs(visits=VISITS)))
    assert lines(found, "stages")["visitor"]["leads"] == visitors
    assert (table(found, "stages").lines[0].opens is not None) == opens
    assert lines(found, "stages")["subscriber"]["conversion"] == (None if visitors is None else 4 / visitors)


def test_a_count_of_fewer_visitors_than_leads_is_said() -> None:
    few = around(inputs=Inputs(visits=(Visits("2026-01-01", None, 2),)))
    assert remarks(counted("funnel", ALL, given=few))["visitors_fewer"] == {"visitors": 2, "leads": 4}


def test_nothing_is_a_funnel_without_numbers() -> None:
    found = counted("funnel", [])
    assert numbers(found) == {"leads": 0, "conversion": None, "seconds_to_customer": None}
    assert {line["conversion"] for line in lines(found, "stages").values()} == {None}


def test_who_is_counted() -> None:
    standings = ("visitor", "imported", "shadow", "live", "gone")
    leads = [{"lead_id": name, "standing": name, "captured_ms": 1} for name in standings]
    assert {row.lead_id: row.known for row in rows_of("funnel", lead_rows=leads)} == {
        "visitor": False, "shadow": True, "live": True,
    }  # fmt: skip


def _lives() -> st.SearchStrategy[list[Row]]:
    """Leads that reach some stages, later ones later."""
    steps = st.lists(st.none() | st.integers(0, 40), min_size=len(STAGES), max_size=len(STAGES))
    return st.lists(st.tuples(st.integers(0, 300), steps), max_size=12).map(
        lambda lives: [_life(number, captured, gaps) for number, (captured, gaps) in enumerate(lives)]
    )


def _life(number: int, captured: int, gaps: list[int | None]) -> Row:
    reached, day = {}, captured
    for stage, gap in zip(STAGES, gaps, strict=True):
        if gap is not None:
            day += gap
            reached[stage] = float(day)
    return person(f"lead{number}", captured=captured, **reached)


def _furthest(row: Row) -> int:
    return max((place for place, stage in enumerate(STAGES) if getattr(row, f"{stage}_ms") is not None), default=-1)


@settings(max_examples=30)
@given(_lives())
def test_whoever_came_further_passed_what_lies_before(rows: list[Row]) -> None:
    found = counted("funnel", rows)
    passed: list[Value] = [line["passed"] for stage, line in lines(found, "stages").items() if stage != "visitor"]
    assert passed == [sum(_furthest(row) >= place for row in rows) for place in range(len(STAGES))]
    stopped = [line["leads"] for line in lines(found, "stopped").values()]
    assert stopped == [sum(_furthest(row) == place for row in rows) for place in range(len(STAGES))]
    assert_opens(found, rows)


@settings(max_examples=30)
@given(_lives(), st.integers(0, 200), st.integers(0, 100))
def test_by_activity_the_days_of_a_year_add_up_to_the_year(rows: list[Row], first: int, length: int) -> None:
    """What happened before, within and after some days is what happened in all."""
    start = date(2026, 1, 1) + timedelta(days=first)
    end = start + timedelta(days=length)
    day = timedelta(days=1)
    spans = [(date(2025, 12, 31), start - day), (start, end), (end + day, date(2030, 1, 1))]
    asks = [ACTIVITY.with_(since=since, until=until) for since, until in spans]
    parts: list[dict[Any, dict[str, Any]]] = [lines(counted("funnel", rows, asked), "stages") for asked in asks]
    whole = lines(counted("funnel", rows, ACTIVITY.with_(since=spans[0][0], until=spans[2][1])), "stages")
    for stage in ("visitor", *STAGES):
        for column in ("leads", "skipped", "passed"):
            assert sum(part[stage][column] for part in parts) == whole[stage][column]
