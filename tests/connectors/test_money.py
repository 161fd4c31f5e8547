"""Amounts as whole numbers of a currency's smallest unit."""

from __future__ import annotations

import pytest

from connectors.kit.money import minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1234.5", "EUR", 123_450), ("0.005", "EUR", 1), ("-5", "EUR", -500), ("0", "USD", 0), ("0.1", "PLN", 10),
        ("1200.5", "JPY", 1201), ("1200", "JPY", 1200), ("1.2345", "KWD", 1235), ("1.234", "KWD", 1234),
        ("1234.5", "", 123_450), ("", "EUR", None), ("soon", "EUR", None), ("NaN", "EUR", None),
        ("Infinity", "EUR", None), ("1e400", "EUR", None), ("1e999999999", "EUR", None), ("1e-400", "EUR", 0),
        ("1e-999999999", "EUR", 0),
    ],
)  # fmt: skip
def test_amounts_are_in_the_smallest_unit(amount: str, currency: str, minor: int | None) -> None:
    assert minor_units(amount, currency) == minor
