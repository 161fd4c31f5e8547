"""What every report must keep to, whatever it counts: the same leads, what opens is what was counted, parts add up,
nothing comes of nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs
from leadrelay.reports.registry import names, report
from leadrelay.reports.result import Line, Report, Table
from leadrelay.reports.run import opened
from tests.reports.year.asking import QUESTIONS, Asking, jsonable, near, plain
from tests.reports.year.known import Known

ALL_LEADS = ("channels", "funnel", "hygiene", "reaction", "scores", "scoring", "timing", "worked")
"""Reports over all leads: for the same question they are about the same ones."""

NEVER = Asked(since=date(2019, 5, 1), until=date(2019, 5, 31), zone="Europe/Warsaw")
_OF_SOMETHING = ("share", "seconds", "days", "score")
"""Kinds of number that are a part or a middle: of nothing there is none."""

_NO_PARTS = ("audit", "spam")
"""The newest few of all are not the newest few of each part; and a lead has touches of several sources."""

_AGED = ("channels", "funnel", "losses", "recycled", "velocity", "worked")
"""Reports that look at the time before when its leads were as old as those of now."""


@pytest.fixture(scope="module")
def few() -> Asking:
    """A small year, to ask a lot of."""
    return Asking(Known.of(1200, seed=11))


@pytest.fixture(scope="module")
def alone() -> Asking:
    """A year in which one person came."""
    return Asking(Known.of(1, seed=2))


@pytest.mark.parametrize("question", ["year", "spring", "autumn"])
def test_reports_over_leads_are_about_the_same_leads(question: str, asking: Asking) -> None:
    asked = QUESTIONS[question]
    told = {name: asking.answer(name, asked).leads for name in names() if name in ALL_LEADS}
    assert set(told.values()) == {len(asking.leads(asked))}, told
    assert len(told) == len(ALL_LEADS)


@pytest.mark.parametrize("question", ["spring", "done"])
@pytest.mark.parametrize("name", names())
def test_who_opens_a_number_finds_as_many_leads(name: str, question: str, few: Asking) -> None:
    asked = QUESTIONS[question]
    for table in few.answer(name, asked).tables:
        for line, count in counted(table):
            found = opened(report(name), asked, line.opens or (), few.known.engine, few.rules)
            assert len(found) == (count or 0), (table.id, line.values)


def counted(table: Table) -> Iterator[tuple[Line, Any]]:
    """The lines that can be opened, each with the number of leads that it tells."""
    if table.counts is None:
        return
    at = [column.id for column in table.columns].index(table.counts)
    for line in (*table.lines, *([] if table.total is None else [table.total])):
        if line.opens is not None:
            yield line, line.values[at]


@pytest.mark.parametrize("name", [name for name in names() if name not in _NO_PARTS])
@pytest.mark.parametrize("by", ["source", "lead.country"])
def test_parts_are_the_whole(by: str, name: str, few: Asking) -> None:
    allowed = report(name).definition.filters
    if allowed is not None and by not in allowed:
        pytest.skip(f"{name} has no filter {by}")
    asked = QUESTIONS["year"]
    whole = few.answer(name, asked, Inputs()).leads
    parts = [few.answer(name, asked.with_(where={by: (value,)}), Inputs()).leads for value in values(by, few)]
    assert sum(parts) == whole


def values(by: str, few: Asking) -> list[str]:
    leads = few.known.leads
    column: pd.Series[Any] = leads.fields.map(lambda f: f.get(by)) if "." in by else leads.get(by, leads.first_source)
    return [name or "" for name in plain(column.unique())]


@pytest.mark.parametrize("name", names())
def test_nothing_comes_of_nothing(name: str, few: Asking) -> None:
    for by in report(name).definition.dates:
        found = few.answer(name, NEVER.with_(date_by=by), Inputs())
        assert found.leads == 0
        assert [
            number.id for number in found.numbers if number.kind in _OF_SOMETHING and number.value is not None
        ] == []
        assert_finite(found)


@pytest.mark.parametrize("name", names())
def test_one_lead_is_enough_for_an_answer(name: str, alone: Asking) -> None:
    found = alone.answer(name, QUESTIONS["year"])
    assert found.leads <= 1
    assert_finite(found)


@pytest.mark.parametrize("name", names())
def test_what_is_told_is_finite(name: str, few: Asking) -> None:
    for asked in QUESTIONS.values():
        assert_finite(few.answer(name, asked))


def assert_finite(found: Report) -> None:
    numbers = [number.value for number in found.numbers] + [number.before for number in found.numbers]
    cells = [value for table in found.tables for line in table.lines for value in line.values]
    assert all(math.isfinite(value) for value in (*numbers, *cells) if isinstance(value, float))
    assert jsonable(found)["name"] == found.name


@pytest.mark.parametrize("name", [name for name in names() if name not in _AGED])
def test_the_time_before_is_what_was_said_of_it_then(name: str, few: Asking) -> None:
    asked = QUESTIONS["done"].with_(date_by="capture")
    now, then = few.answer(name, asked, Inputs()), few.answer(name, asked.before(), Inputs())
    for number in now.numbers:
        if number.before is not None:
            assert near(number.before, then.number(number.id).value), number.id


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_day_is_a_day_where_the_reader_is(zone: str, asking: Asking) -> None:
    leads = asking.known.leads
    leads = leads[leads.counted]
    days = pd.to_datetime(leads.captured_ms, unit="ms", utc=True).dt.tz_convert(zone).dt.date
    odd = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 30), date(2026, 7, 1), date(2026, 1, 1))
    for day in odd:
        told = asking.answer("funnel", Asked(since=day, until=day, zone=zone), Inputs()).leads
        assert told == int((days == day).sum()) > 0, day
