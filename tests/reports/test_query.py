"""A question as the query of an address, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.asked import Asked
from leadrelay.reports.query import NotAsked, asked_of, query_of

POLICY = ReportsPolicy(zone="Europe/Warsaw", currency="PLN", attribution="last")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # the 23rd in Warsaw
FILTERS = ("source", "rep", "lead.country")


def ask(query: str) -> Asked:
    return asked_of(parse_qsl(query, keep_blank_values=True), FILTERS, POLICY, NOW)


def test_without_days_the_last_thirty_are_meant_where_the_team_is() -> None:
    asked = ask("")
    assert (asked.since, asked.until) == (date(2026, 10, 25), date(2026, 11, 23))
    assert (asked.zone, asked.currency, asked.attribution, asked.date_by) == ("Europe/Warsaw", "PLN", "last", "capture")
    assert asked.where == {}


def test_values_come_one_by_one_or_together_and_an_empty_one_is_none() -> None:
    assert ask("source=meta&source=google_ads,meta&rep=&lead.country=PL").where == {
        "source": ("meta", "google_ads"),
        "lead.country": ("PL",),
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sorce=meta", "unknown parameter 'sorce'"),
        ("since=yesterday", "since must be a day"),
        ("since=2026-11-02&until=2026-11-01", "at least one day"),
        ("since=1990-01-01", "at most"),
        ("by=weather", "by must be capture or activity"),
        ("attribution=all", "attribution must be"),
        ("until=2026-11-01&until=2026-11-02", "more than once"),
        ("since=0001-01-01&until=1970-01-02", "since must be a day from"),
        ("since=9999-12-30&until=9999-12-31", "until must be a day from"),
        ("since=0001-01-01&until=0001-01-01T00:00", "until must be a day"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_to_change(query: str, message: str) -> None:
    with pytest.raises(NotAsked, match=message):
        ask(query)


@settings(max_examples=40)
@given(
    first=st.dates(date(2020, 1, 1), date(2026, 11, 1)),
    days=st.integers(0, 400),
    where=st.dictionaries(
        st.sampled_from(FILTERS), st.lists(st.from_regex(r"[A-Za-z0-9_.:/+-]{1,9}", fullmatch=True), min_size=1)
    ),
    by=st.sampled_from(["capture", "activity"]),
)
def test_a_question_survives_its_address(first: date, days: int, where: dict[str, list[str]], by: str) -> None:
    until = date.fromordinal(first.toordinal() + days)
    asked = Asked.model_validate(
        {
            **POLICY.model_dump(include={"zone", "currency", "attribution"}),
            "since": first,
            "until": until,
            "date_by": by,
            "where": {name: tuple(dict.fromkeys(values)) for name, values in where.items()},
        }
    )
    assert ask(query_of(asked)) == asked
    assert ask(query_of(asked, source="")).where.get("source") is None


def test_how_many_cases_are_looked_at_is_asked_by_their_name() -> None:
    asked = asked_of([("won", "3")], (), ReportsPolicy(), NOW, takes={"won": 10, "lost": 10})
    assert (asked.take, asked.where) == ({"won": 3, "lost": 10}, {})
    assert "won=3" in query_of(asked)
    for wrong in ("0", "101", "-1", "²", "many", "9" * 5000):
        with pytest.raises(NotAsked, match="won must be a number from 1 to 100"):
            asked_of([("won", wrong)], (), ReportsPolicy(), NOW, takes={"won": 10})
    with pytest.raises(NotAsked, match="unknown parameter 'won'"):
        asked_of([("won", "3")], (), ReportsPolicy(), NOW)
