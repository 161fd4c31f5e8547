"""A deal as HubSpot shows it, as we count it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from leadrelay.ports.crm_setup import OpenDeal

ZERO_DECIMALS = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
        *("PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose minor unit is not the hundredth (ISO 4217)."""
LARGEST = Decimal(10) ** 15


def open_deal(deal_id: str, contact_id: str, shown: Mapping[str, str], closed: Collection[str]) -> OpenDeal | None:
    """The deal, None where its stage is won or lost."""
    if shown.get("dealstage") in closed:
        return None
    currency = shown.get("deal_currency_code") or None
    return OpenDeal(deal_id, contact_id, minor_units(shown.get("amount", ""), currency), currency)


def minor_units(amount: str, currency: str | None) -> int | None:
    """ "1234.5" EUR as 123450, half up; None for no amount, or one that is no number or absurd."""
    places = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return None
    if not (value.is_finite() and -LARGEST <= value <= LARGEST):
        return None
    return int(value.scaleb(places).to_integral_value(ROUND_HALF_UP))
