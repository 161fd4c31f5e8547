"""What leads cost, and what that was worth."""

from __future__ import annotations

from typing import NamedTuple

from leadrelay.reports.measures import share
from leadrelay.reports.result import Column

COLUMNS = (
    Column(id="spend", kind="money"),
    Column(id="cost_per_lead", kind="money"),
    Column(id="cost_per_customer", kind="money"),
    Column(id="roi", kind="share"),
    Column(id="ltv_cpl", kind="number"),
)


class Paid(NamedTuple):
    """`roi` is what came back beyond what was spent, as a share of it; `ltv_cpl` how many times the cost of a lead the
    lifetime value of a customer is. Amounts in minor units."""

    spend: int | None = None
    cost_per_lead: int | None = None
    cost_per_customer: int | None = None
    roi: float | None = None
    ltv_cpl: float | None = None

    @classmethod
    def of(cls, spent: float | None, leads: int, customers: int, revenue: int, margin: float) -> Paid:
        """`spent` is None where nobody told it; `margin` is the share of the revenue that counts as lifetime value."""
        if spent is None:
            return cls()
        worth, cost = share(revenue * margin, customers), share(spent, leads)
        return cls(
            spend=round(spent),
            cost_per_lead=None if cost is None else round(cost),
            cost_per_customer=round(spent / customers) if customers else None,
            roi=share(revenue - spent, spent),
            ltv_cpl=None if worth is None or cost is None else share(worth, cost),
        )
