"""Whose turn it is: weighted round robin that is fair at every moment, not only in the end.

A rep's shortfall is the share of all assignments their weight promises, minus what counts for them. Of those who would
not run ahead by taking one more, the one is next who would be a whole lead behind soonest. This is Tijdeman's answer to
the chairman assignment problem (1980): while everybody is eligible, each of k reps stays within 1 - 1/(2k-2) leads of
their exact share after every single assignment; taking simply the largest shortfall does not. Shares are counted over
the whole pool, not only who is free now, so that who was skipped catches up; who was absent gets a credit instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import lcm

from leadrelay.domain.routing.credits import missed
from leadrelay.domain.routing.ledger import Ledger

Tie = tuple[int, int, str]
"""What decides between equals: the smaller is first."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What each rep would be short of if one more lead were given out now and they did not get it: exact, in `parts` of
    which `whole` make a lead."""

    parts: Mapping[str, int]
    whole: int

    @classmethod
    def of(cls, ledger: Ledger, present: Mapping[str, int]) -> Behind:
        """`present` is the weight with which each takes part, in millionths."""
        there, (owed, whole) = sum(present.values()), ledger.owed()
        return cls({rep: part * there + present[rep] * whole for rep, part in owed.items()}, whole * there)

    def leads(self, rep: str) -> float:
        """In leads."""
        return self.parts[rep] / self.whole


def next_turn(
    short: Behind, present: Mapping[str, int], free: Collection[str], tie: Callable[[str], Tie]
) -> str | None:
    """The free rep whose deadline comes first. When everybody who is free would run ahead, because those who are behind
    are not free, the deadlines decide too."""
    if not free:
        return None
    slack = slack_of(present)
    due = [rep for rep in free if may_have_more(rep, short, slack)] or free
    alike = lcm(*(present[rep] for rep in due))  # deadlines are fractions by weight: brought to one denominator
    deadlines = {rep: ((slack - 1) * short.whole - short.parts[rep] * slack) * (alike // present[rep]) for rep in due}
    first = min(deadlines.values())
    return min((rep for rep in due if deadlines[rep] == first), key=tie)


def may_have_more(rep: str, short: Behind, slack: int) -> bool:
    """Whether they can take one more without running ahead of what the method allows."""
    return short.parts[rep] * slack >= short.whole


def slack_of(present: Mapping[str, int]) -> int:
    """One must be behind by one part in so many of a lead, to take one more."""
    return max(1, 2 * sum(1 for weight in present.values() if weight) - 2)


def tie(ledger: Ledger, rep: str, lead_id: str) -> Tie:
    """Between equals: the larger weight, who waited longest, then chance, by a hash that prefers neither a name nor a
    place in the pool and is the same whenever the decision is computed again."""
    chance = sha256(f"{lead_id}:{rep}".encode()).hexdigest()
    return -ledger.weights[rep], ledger.last.get(rep, 0), chance


def taken(ledger: Ledger, rep: str, present: Mapping[str, int]) -> Ledger:
    """After `rep` got one lead, with the credits of those who were not there."""
    given = {**ledger.given, rep: ledger.given.get(rep, 0) + 1}
    return missed(ledger, present).with_(
        given=given, last={**ledger.last, rep: max(ledger.last.values(), default=0) + 1}
    )
