"""What was spent in the days that were asked for, and on what.

Spend is told by month and source, or by a campaign or form of it. A month that lies in the days only in part counts by
its days. A campaign and a form have the spend that names them; a channel and a class have none of their own: what was
spent on a source is divided evenly among the leads it brought, and they carry it there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Spend
from leadrelay.reports.money import Rates, share_of_month

TOLD_BY = frozenset({"source", "campaign", "form"})
"""What spend can name, and so what it can be narrowed by."""


class Cost(NamedTuple):
    """An amount in the currency that was asked for: minor units, with a fraction."""

    source: str
    campaign: str | None
    form: str | None
    amount: float


def costs(spend: Sequence[Spend], asked: Asked, rates: Rates) -> tuple[list[Cost], int]:
    """What was spent, and how many lines are left out for want of a rate on the first day of their month."""
    found, unrated = [], 0
    for told in spend:
        part = share_of_month(told.month, asked.since, asked.until)
        if not part or not _asked_for(told, asked):
            continue
        amount = rates.convert(told.amount, told.currency, asked.currency, f"{told.month}-01")
        if amount is None:
            unrated += 1
        else:
            found.append(Cost(told.source, told.campaign, told.form, amount * part))
    return found, unrated


def _asked_for(told: Spend, asked: Asked) -> bool:
    return all(getattr(told, name) in values for name, values in asked.where.items() if name in TOLD_BY)


def by_name(costs: Iterable[Cost], dimension: str) -> dict[str, float]:
    """Of each source, campaign or form that spend names."""
    found: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        name = getattr(cost, dimension)
        if name is not None:
            found[name] += cost.amount
    return dict(found)


def by_lead(costs: Iterable[Cost], leads: Iterable[Any], attribution: str) -> dict[str, float]:
    """What each lead carries. `leads` are rows with `<attribution>_source`, `_campaign` and `_form`; several may be of
    one lead."""
    brought: defaultdict[str | None, dict[str, tuple[str | None, str | None]]] = defaultdict(dict)
    for row in leads:
        named = (getattr(row, f"{attribution}_campaign"), getattr(row, f"{attribution}_form"))
        brought[getattr(row, f"{attribution}_source")][row.lead_id] = named
    carried: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        whose = [lead_id for lead_id, named in brought[cost.source].items() if _is_of(cost, *named)]
        for lead_id in whose:
            carried[lead_id] += cost.amount / len(whose)
    return dict(carried)


def _is_of(cost: Cost, campaign: str | None, form: str | None) -> bool:
    return cost.campaign in (None, campaign) and cost.form in (None, form)
