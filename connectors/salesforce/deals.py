"""An open deal as Salesforce shows it, as we count it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

ZERO_DECIMALS = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
        *("PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose minor unit is not the hundredth (ISO 4217)."""


def minor_units(amount: object, currency: str | None) -> int | None:
    """1234.5 EUR as 123450; None for no amount, or one that is no number."""
    places = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    try:
        value = Decimal(str(amount)).scaleb(places)
    except InvalidOperation:
        return None
    return int(value.to_integral_value()) if value.is_finite() else None
