"""A deal as HubSpot shows it, as we count it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.kit.money import minor_units
from leadrelay.ports.crm_setup import OpenDeal


def open_deal(deal_id: str, contact_id: str, shown: Mapping[str, str], closed: Collection[str]) -> OpenDeal | None:
    """The deal, None where its stage is won or lost."""
    if shown.get("dealstage") in closed:
        return None
    currency = shown.get("deal_currency_code") or None
    return OpenDeal(deal_id, contact_id, minor_units(shown.get("amount", ""), currency or ""), currency)
