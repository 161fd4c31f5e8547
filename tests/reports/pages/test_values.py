"""How numbers, amounts, times and days are written in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.notices.policy import Language
from leadrelay.reports.pages import values
from leadrelay.reports.pages.catalogue import catalogue

EN, PL, SR = map(catalogue, ("en", "pl", "sr"))
THIN, FIRM = "\u202f", "\u00a0"


def test_thousands_and_decimals_are_those_of_the_language() -> None:
    assert values.number(1234567.25, EN, 2) == "1,234,567.25"
    assert values.number(1234567.25, PL, 2) == f"1{THIN}234{THIN}567,25"
    assert values.number(1234567.25, SR, 2) == "1.234.567,25"


def test_polish_groups_only_from_five_digits_on() -> None:
    assert values.count(1234, PL) == "1234"
    assert values.count(12345, PL) == f"12{THIN}345"
    assert values.count(1234, EN) == "1,234"


def test_small_numbers_have_two_decimals_and_a_rounded_zero_no_sign() -> None:
    assert values.number(-0.14, EN) == "−0.14"
    assert values.number(-0.001, EN) == "0.00"
    assert values.number(2.374, EN) == "2.37"
    assert values.number(52.37, EN) == "52.4"
    assert values.count(-3, EN) == "−3"
    assert values.count(-0.2, EN) == "0"


def test_shares_all_and_nothing_are_whole() -> None:
    assert [values.share(each, EN) for each in (0, 0.125, 1, 1.5)] == ["0%", "12.5%", "100%", "150.0%"]
    assert values.share(0.125, PL) == "12,5%"
    assert values.share(0.25, EN, 0) == "25%"


@pytest.mark.parametrize(
    ("minor", "currency", "english", "polish"),
    [
        (123_450, "EUR", "€1,235", f"1235{FIRM}€"),
        (9_950, "EUR", "€99.50", f"99,50{FIRM}€"),
        (9_900, "EUR", "€99", f"99{FIRM}€"),
        (0, "EUR", "€0", f"0{FIRM}€"),
        (-123_400, "PLN", "−zł1,234", f"−1234{FIRM}zł"),
        (9_950, "JPY", f"JPY{FIRM}9,950", f"9950{FIRM}JPY"),
        (9_950, "KWD", f"KWD{FIRM}9.950", f"9,950{FIRM}KWD"),
        (123_400, "RSD", f"RSD{FIRM}1,234", f"1234{FIRM}RSD"),
    ],
)
def test_amounts_have_cents_only_where_they_matter(minor: int, currency: str, english: str, polish: str) -> None:
    if minor == 123_450:
        english, polish = english.replace("1,235", "1,234"), polish.replace("1235", "1234")  # halves go to the even
    assert values.money(minor, currency, EN) == english
    assert values.money(minor, currency, PL) == polish


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (3661, "1 h 1 min"),
        (86_400, "1 d"), (90_000, "1 d 1 h"), (86_400 * 1500, "1,500 d"), (-90, "−1 min 30 s"), (59.6, "1 min"),
    ],
)  # fmt: skip
def test_times_are_told_by_their_two_largest_units(seconds: float, told: str) -> None:
    assert values.seconds(seconds, EN).replace(FIRM, " ") == told


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_a_time_is_never_told_longer_than_it_is_nor_shorter_by_a_second_unit(seconds: int) -> None:
    sizes = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    parts = values.seconds(seconds, EN).replace(",", "").split(FIRM)
    pairs = [(int(number), unit) for number, unit in zip(parts[::2], parts[1::2], strict=True)]
    told = sum(number * sizes[unit] for number, unit in pairs)
    smallest = {"d": 3_600, "h": 60, "min": 1, "s": 1}[pairs[0][1]]
    assert told <= seconds < told + smallest


def test_days_months_and_moments() -> None:
    day, at = date(2026, 2, 3), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [values.day(day, each) for each in (EN, PL, SR)] == ["3 Feb 2026", "3 lut 2026", "3. feb 2026."]
    assert [values.short_day(day, each) for each in (EN, PL, SR)] == ["3 Feb", "3 lut", "3. feb"]
    assert [values.month("2026-02", each) for each in (EN, PL, SR)] == ["Feb 2026", "lut 2026", "feb 2026."]
    warsaw, london = ZoneInfo("Europe/Warsaw"), ZoneInfo("Europe/London")
    assert values.moment(at, warsaw, EN) == "25 Oct 2026, 02:30"
    assert values.moment(at, london, EN) == "25 Oct 2026, 01:30"


@pytest.mark.parametrize("language", ["en", "pl", "sr"])
def test_days_and_units_are_told_in_every_language(language: Language) -> None:
    assert values.days(3.4, catalogue(language)).startswith("3")
    assert values.days(3, catalogue(language)).replace(FIRM, " ") == "3 d"
