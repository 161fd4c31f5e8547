"""What leads brought in, and what they cost: an equal part each of what was spent in their month to bring them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs, Spend
from leadrelay.reports.money import Rates, day_of, share_of_month
from leadrelay.reports.scoring.row import Row

SPLIT_BY = frozenset({"source"})
"""Spend is told by source: what any other filter leaves of a source's leads has no spend of its own."""


@dataclass(frozen=True, slots=True)
class Worth:
    """In minor units of the currency that was asked for, by lead: `earned` of those that won, `cost` of all whose
    source's spend is known. `unrated` leads won amounts of which no rate is known; `unspread` was spent where no lead
    came; `known` is False where spend cannot be told of such a question."""

    earned: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    unrated: int = 0
    unspread: int = 0
    known: bool = True

    @classmethod
    def of(cls, rows: Sequence[Row], asked: Asked, inputs: Inputs) -> Worth:
        """Of these leads."""
        rates = Rates(inputs.rates)
        earned, unrated = _earned(rows, asked, rates)
        if asked.date_by != "capture" or not asked.where.keys() <= SPLIT_BY or not inputs.spend:
            return cls(earned=earned, unrated=unrated, known=not inputs.spend)
        cost, unspread = _cost(rows, asked, inputs.spend, rates)
        return cls(earned, cost, unrated, unspread)

    def revenue(self, rows: Sequence[Row]) -> int:
        """What they brought."""
        return sum(self.earned.get(row.lead_id, 0) for row in rows)

    def spent(self, rows: Sequence[Row]) -> int | None:
        """What they cost; None where no spend is known of any of them."""
        found = [self.cost[row.lead_id] for row in rows if row.lead_id in self.cost]
        return round(sum(found)) if found else None

    def gain(self, rows: Sequence[Row]) -> float | None:
        """Return on investment: what is left of the revenue after the cost, in parts of the cost."""
        spent = self.spent(rows)
        return (self.revenue(rows) - spent) / spent if spent else None


def _earned(rows: Sequence[Row], asked: Asked, rates: Rates) -> tuple[dict[str, int], int]:
    won = [row for row in rows if row.won_ms is not None and row.won_amount is not None]
    amounts = {
        row.lead_id: rates.convert(
            row.won_amount or 0, row.currency, asked.currency, day_of(row.won_ms or 0, asked.zone)
        )
        for row in won
    }
    earned = {lead: amount for lead, amount in amounts.items() if amount is not None}
    return earned, len(amounts) - len(earned)


def _cost(rows: Sequence[Row], asked: Asked, spend: Sequence[Spend], rates: Rates) -> tuple[dict[str, float], int]:
    came: defaultdict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        came[day_of(row.captured_ms, asked.zone)[:7], row.of("source", asked)].append(row)
    cost: defaultdict[str, float] = defaultdict(float)
    unspread = 0.0
    for one in spend:
        amount = _amount(one, asked, rates)
        brought = [row for row in came[one.month, one.source] if _brought(row, one, asked)] if amount else []
        for row in brought:
            cost[row.lead_id] += amount / len(brought)
        unspread += 0 if brought else amount
    return dict(cost), round(unspread)


def _amount(one: Spend, asked: Asked, rates: Rates) -> float:
    """What was spent of it in the days that were asked for; nothing where it belongs to another question, or where no
    rate is known."""
    if one.source not in asked.where.get("source", (one.source,)):
        return 0
    amount = rates.convert(one.amount, one.currency, asked.currency, f"{one.month}-01")
    return (amount or 0) * share_of_month(one.month, asked.since, asked.until)


def _brought(row: Row, one: Spend, asked: Asked) -> bool:
    """Whether it was spent on this lead too."""
    by_campaign = one.campaign is None or one.campaign == row.of("campaign", asked)
    return by_campaign and (one.form is None or one.form == row.of("form", asked))
