"""Amounts in other currencies, by dated rates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.reports.definition import Rate
from leadrelay.reports.money import Rates, day_of, share_of_month

RATES = Rates(
    [
        Rate("2026-03-01", "PLN", "EUR", 0.25),
        Rate("2026-01-01", "PLN", "EUR", 0.20),
        Rate("2026-01-01", "EUR", "RSD", 117.0),
        Rate("2026-02-01", "USD", "PLN", 4.0),
    ]
)


def test_the_newest_rate_of_that_day_or_before_holds() -> None:
    assert RATES.convert(1000, "PLN", "EUR", "2026-02-28") == 200
    assert RATES.convert(1000, "PLN", "EUR", "2026-03-01") == 250
    assert RATES.convert(1000, "PLN", "EUR", "2025-12-31") is None


def test_a_rate_leads_back_and_through_another_currency() -> None:
    assert RATES.convert(200, "EUR", "PLN", "2026-01-05") == 1000
    assert RATES.convert(1000, "PLN", "RSD", "2026-01-05") == 23_400
    assert RATES.convert(100, "USD", "EUR", "2026-02-05") == 80
    assert RATES.convert(100, "USD", "RSD", "2026-02-05") is None  # two changes between: nobody told a rate for it


def test_the_same_currency_needs_no_rate_and_an_unknown_one_has_none() -> None:
    assert Rates([]).convert(7, "EUR", "EUR", "2026-01-01") == 7
    assert RATES.convert(7, "CHF", "EUR", "2026-02-01") is None
    assert RATES.convert(7, None, "EUR", "2026-02-01") is None


def test_a_smallest_unit_is_what_its_currency_says() -> None:
    rates = Rates([Rate("2026-01-01", "JPY", "EUR", 0.006), Rate("2026-01-01", "KWD", "EUR", 3.0)])
    assert rates.convert(1_000_000, "JPY", "EUR", "2026-01-01") == 600_000  # a million yen are 6,000 euros
    assert rates.convert(600_000, "EUR", "JPY", "2026-01-01") == 1_000_000
    assert rates.convert(1_000, "KWD", "EUR", "2026-01-01") == 300  # one dinar has a thousand fils


def test_of_both_ways_the_newer_holds_and_of_one_day_the_last() -> None:
    told = Rates([Rate("2026-01-01", "PLN", "EUR", 0.2), Rate("2026-02-01", "EUR", "PLN", 4.0)])
    assert told.convert(1000, "PLN", "EUR", "2026-01-31") == 200
    assert told.convert(1000, "PLN", "EUR", "2026-02-01") == 250
    again = Rates([Rate("2026-01-01", "PLN", "EUR", 0.2), Rate("2026-01-01", "PLN", "EUR", 0.3)])
    assert again.convert(1000, "PLN", "EUR", "2026-01-01") == 300


@given(st.permutations(range(4)))
def test_the_order_in_which_rates_of_different_days_are_told_is_nothing(order: list[int]) -> None:
    rates = [Rate(f"2026-0{month}-01", "PLN", "EUR", month / 10) for month in range(1, 5)]
    shuffled = Rates([rates[place] for place in order])
    assert [shuffled.convert(100, "PLN", "EUR", f"2026-0{month}-15") for month in range(1, 5)] == [10, 20, 30, 40]


def test_a_time_has_its_day_in_the_zone() -> None:
    midnight = 1_774_739_400_000  # 2026-03-28 23:10 UTC
    assert day_of(midnight, "UTC") == "2026-03-28"
    assert day_of(midnight, "Europe/Warsaw") == "2026-03-29"


@pytest.mark.parametrize(("since", "until", "part"), [
    (date(2026, 2, 1), date(2026, 2, 28), 1),
    (date(2026, 2, 15), date(2026, 3, 31), 0.5),
    (date(2026, 1, 1), date(2026, 12, 31), 1),
    (date(2026, 2, 28), date(2026, 2, 28), 1 / 28),
    (date(2026, 3, 1), date(2026, 3, 31), 0),
    (date(2025, 1, 1), date(2026, 1, 31), 0),
])  # fmt: skip
def test_a_month_lies_in_the_days_by_its_days(since: date, until: date, part: float) -> None:
    assert share_of_month("2026-02", since, until) == pytest.approx(part)


def test_december_ends_with_the_year() -> None:
    assert share_of_month("2026-12", date(2026, 12, 1), date(2027, 1, 31)) == 1


@given(st.dates(date(2025, 1, 1), date(2027, 12, 30)))
def test_the_parts_of_two_neighbouring_times_are_those_of_both_together(middle: date) -> None:
    first, last = date(2024, 1, 1), date(2028, 12, 31)
    month = f"{middle:%Y-%m}"
    following = date.fromordinal(middle.toordinal() + 1)
    parts = share_of_month(month, first, middle) + share_of_month(month, following, last)
    assert parts == pytest.approx(share_of_month(month, first, last)) == pytest.approx(1)
