"""What counts for a rep although they did not get it: why somebody who was away, or is new, is not flooded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from leadrelay.domain.model import Model
from leadrelay.domain.routing.ledger import MILLION, CreditKind, LeadClass, Ledger
from leadrelay.domain.routing.team import Pool

GrantWhy = Literal["returned", "mistake", "agreed"]
"""Leads that were none; a lead that went wrong; something people agreed on."""


class Grant(Model):
    """`leads` of this class count as given to somebody although they were not, or (negative) do not count although they
    were, because a manager says so."""

    leads: int
    kind: LeadClass = "other"
    why: GrantWhy


def seated(ledger: Ledger, pool: Pool, now: datetime) -> Ledger:
    """The ledger of the pool's present members at `now` (UTC). A new one, and one whose weight changed, starts at the
    pool's average, so that they neither flood nor starve; so does everybody when the strategy changed, because another
    one promised no shares. A member who left is forgotten."""
    weights = {member.rep: member.weight for member in pool.members}
    if (ledger.weights, ledger.strategy) != (weights, pool.strategy):
        ledger = _changed(ledger, pool, weights)
    return forgotten(ledger, pool.fairness.half_life_days, now)


def _changed(ledger: Ledger, pool: Pool, weights: Mapping[str, int]) -> Ledger:
    same = ledger.strategy == pool.strategy
    settled = [rep for rep in weights if same and ledger.weights.get(rep) == weights[rep]]
    here = ledger.with_(
        given={rep: ledger.given.get(rep, 0) for rep in weights},
        last={rep: ledger.last.get(rep, 0) for rep in weights},
        credits=_of_members(ledger, weights),
        weights=weights,
        strategy=pool.strategy,
    )
    average = _average(ledger, settled or list(ledger.weights))
    joined = {rep: round(average * weights[rep]) - here.level(rep) for rep in weights if rep not in settled}
    return here.credited("new", joined)


def granted(ledger: Ledger, pool: Pool, rep: str, grant: Grant, now: datetime) -> Ledger:
    """The ledger with a manager's word about a member, as of `now` (UTC)."""
    kind: CreditKind = "returned" if grant.why == "returned" else "manual"
    return seated(ledger, pool, now).credited(kind, {rep: grant.leads * MILLION})


def forgotten(ledger: Ledger, half_life_days: int | None, now: datetime) -> Ledger:
    """With old debts and advantages smaller: they halve every `half_life_days`, in whole days since `ledger.at`. What
    is within one lead is no debt but the rounding of every share; it stays, so that forgetting changes no share."""
    days = 0 if ledger.at is None else max(0, (now - ledger.at).days)
    later = ledger.with_(at=now if ledger.at is None else ledger.at + timedelta(days=days))
    if half_life_days is None or not days:
        return later
    behind = ledger.shortfalls()
    largest = max(map(abs, behind.values()), default=Fraction(0))
    if largest <= 1:
        return later
    kept = max(Fraction(round(MILLION * 2 ** (-days / half_life_days)), MILLION), 1 / largest)
    return later.credited("forgotten", {rep: round(owed * (1 - kept) * MILLION) for rep, owed in behind.items()})


def missed(ledger: Ledger, present: Mapping[str, int]) -> Ledger:
    """With credits for one lead that is given out now. `present` is the weight with which each takes part in it, in
    millionths: nothing for who is absent, a part for who still grows into their share. With w / Σ present each, an
    absent rep's shortfall stays as it is, and those who are there share the lead by their weights alone."""
    there = sum(present.values())
    credit = {rep: _part(own * MILLION - present[rep], there) for rep, own in ledger.weights.items()}
    absent: dict[CreditKind, dict[str, int]] = {"absence": {}, "ramp": {}}
    for rep, amount in credit.items():
        absent["ramp" if present[rep] else "absence"][rep] = amount
    return ledger.credited("absence", absent["absence"]).credited("ramp", absent["ramp"])


def _part(of: int, whole: int) -> int:
    """In millionths, rounded to the nearest."""
    return (2 * of * MILLION + whole) // (2 * whole)


def _of_members(ledger: Ledger, members: Mapping[str, int]) -> dict[CreditKind, dict[str, int]]:
    kept = {kind: {rep: amounts[rep] for rep in members if rep in amounts} for kind, amounts in ledger.credits.items()}
    return {kind: amounts for kind, amounts in kept.items() if amounts}


def _average(ledger: Ledger, reps: list[str]) -> Fraction:
    """Millionths of a lead for each unit of weight."""
    weight = sum(ledger.weights[rep] for rep in reps)
    return Fraction(sum(ledger.level(rep) for rep in reps), weight) if weight else Fraction(0)
