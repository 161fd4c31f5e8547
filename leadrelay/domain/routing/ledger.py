"""What a pool remembers of its turns: the leads each rep got, and what counts beside them, for each class of lead.

Hot leads have a ledger of their own: whoever shares all leads in one could give one rep the hot ones and another the
rest, and the counts would look fair.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.team import Strategy

LeadClass = Literal["hot", "other"]

CreditKind = Literal["absence", "ramp", "new", "returned", "manual", "forgotten"]
"""Leads that count as given although they were not, or the reverse (negative): what others got while the rep was away;
what was not theirs yet while they grew into their share; the level of the pool on the day they joined; a lead that came
back; a manager's word; and what was so long ago that it is forgotten, in either direction."""

MILLION = 1_000_000
"""Credits are kept in millionths of a lead: whole numbers add up the same everywhere, and for ever."""


def class_of(lead: Lead) -> LeadClass:
    """Which of its pool's ledgers the lead is shared by."""
    return "hot" if lead.temperature == "hot" else "other"


class Ledger(Model):
    """Leads given to each rep since they joined, the number of the turn in which each was last chosen, and the
    weights and the strategy by which they were given. `credits` are millionths of a lead by kind and rep. `at` (UTC) is
    up to when old debts were forgotten, None before the first lead."""

    given: dict[str, int] = Field(default_factory=dict)
    last: dict[str, int] = Field(default_factory=dict)
    weights: dict[str, int] = Field(default_factory=dict)
    credits: dict[CreditKind, dict[str, int]] = Field(default_factory=dict)
    strategy: Strategy = "weighted_round_robin"
    at: Instant | None = None

    @property
    def total(self) -> int:
        """Leads given to the present members."""
        return sum(self.given.values())

    def credit(self, rep: str) -> int:
        """All that is credited to the rep, in millionths of a lead."""
        return sum(amounts.get(rep, 0) for amounts in self.credits.values())

    def level(self, rep: str) -> int:
        """What counts for the rep, given and credited, in millionths of a lead."""
        return self.given.get(rep, 0) * MILLION + self.credit(rep)

    def credited(self, kind: CreditKind, amounts: Mapping[str, int]) -> Ledger:
        """With so many millionths of a lead more for each rep."""
        more = {rep: amount for rep, amount in amounts.items() if amount}
        if not more:
            return self
        known = self.credits.get(kind, {})
        summed = {**known, **{rep: known.get(rep, 0) + amount for rep, amount in more.items()}}
        return self.with_(credits={**self.credits, kind: summed})

    def shortfalls(self) -> dict[str, Fraction]:
        """What each rep is behind (positive) or ahead (negative), in leads: the part of everything that their weight
        promises, minus what counts for them. The sum is zero."""
        parts, whole = self.owed()
        return {rep: Fraction(part, whole) for rep, part in parts.items()}

    def levels(self) -> dict[str, int]:
        """What counts for each rep, given and credited, in millionths of a lead."""
        levels = {rep: self.given.get(rep, 0) * MILLION for rep in self.weights}
        for amounts in self.credits.values():
            for rep, amount in amounts.items():
                levels[rep] += amount
        return levels

    def owed(self) -> tuple[dict[str, int], int]:
        """The shortfalls in whole numbers: parts of a lead by rep, and how many parts make one."""
        levels = self.levels()
        total, weight = sum(levels.values()), sum(self.weights.values())
        return {rep: total * own - levels[rep] * weight for rep, own in self.weights.items()}, weight * MILLION


class Turns(Model):
    """A pool's ledgers."""

    ledgers: dict[LeadClass, Ledger] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _former(cls, stored: object) -> object:
        """The first release shared all leads by one ledger: it goes on as that of most leads; hot ones begin anew."""
        return {"ledgers": {"other": stored}} if isinstance(stored, dict) and "given" in stored else stored

    @property
    def total(self) -> int:
        """Assignments made by the pool."""
        return sum(ledger.total for ledger in self.ledgers.values())

    @property
    def given(self) -> dict[str, int]:
        """Leads of both classes by rep."""
        reps = dict.fromkeys(rep for ledger in self.ledgers.values() for rep in ledger.given)
        return {rep: sum(ledger.given.get(rep, 0) for ledger in self.ledgers.values()) for rep in reps}

    def of(self, kind: LeadClass) -> Ledger:
        """The ledger of that class."""
        return self.ledgers.get(kind, Ledger())

    def only(self, kind: LeadClass) -> Turns:
        """What is remembered of that class alone."""
        return Turns(ledgers={each: ledger for each, ledger in self.ledgers.items() if each == kind})

    def after(self, kind: LeadClass, ledger: Ledger) -> Turns:
        """With the ledger of that class as it is now."""
        return self.with_(ledgers={**self.ledgers, kind: ledger})
