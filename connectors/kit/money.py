"""Amounts of money as whole numbers of a currency's smallest unit."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# ISO 4217: currencies that are not divided by a hundred.
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_LARGEST = Decimal(10) ** 15


def minor_units(amount: str, currency: str) -> int | None:
    """A decimal amount ("1234.5") of a currency (ISO 4217) in its smallest unit, half up; None where it is none."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return None
    if not (value.is_finite() and -_LARGEST <= value <= _LARGEST):
        return None
    return int(value.scaleb(digits(currency)).to_integral_value("ROUND_HALF_UP"))


def digits(currency: str) -> int:
    """Decimal places of a currency (ISO 4217): its smallest unit is that power of ten of one."""
    return _DIGITS.get(currency, 2)
