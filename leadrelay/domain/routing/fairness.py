"""Whose turn it is: weighted round robin that is fair at every moment, not only in the end.

A rep's shortfall is the share of all assignments their weight promises, minus what counts for them. Of those who would
not run ahead by taking one more, the one is next who would be a whole lead behind soonest. This is Tijdeman's answer to
the chairman assignment problem (1980): while everybody is eligible, each of k reps stays within 1 - 1/(2k-2) leads of
their exact share after every single assignment; taking simply the largest shortfall does not. Shares are counted over
the whole pool, not only who is free now, so that who was skipped catches up; who was absent gets a credit instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from hashlib import sha256

from leadrelay.domain.routing.credits import missed
from leadrelay.domain.routing.ledger import Ledger

Tie = tuple[int, int, str]
"""What decides between equals: the smaller is first."""


def behind(ledger: Ledger, present: Mapping[str, int]) -> dict[str, Fraction]:
    """What each rep would be short of, in leads, if one more lead were given out now and they did not get it.
    `present` is the weight with which each takes part, in millionths."""
    there = sum(present.values())
    return {rep: owed + Fraction(present[rep], there) for rep, owed in ledger.shortfalls().items()}


def next_turn(
    short: Mapping[str, Fraction], present: Mapping[str, int], free: Collection[str], tie: Callable[[str], Tie]
) -> str | None:
    """The free rep whose deadline comes first; `short` is what each is `behind`. When everybody who is free would run
    ahead, because those who are behind are not free, the deadlines decide too."""
    slack = margin(present)
    return min(
        [rep for rep in free if short[rep] >= slack] or free,
        key=lambda rep: ((1 - slack - short[rep]) / present[rep], tie(rep)),
        default=None,
    )


def margin(present: Mapping[str, int]) -> Fraction:
    """How far behind one must be, in leads, to take one more without running ahead of what the method allows."""
    there = sum(1 for weight in present.values() if weight)
    return Fraction(1, max(1, 2 * there - 2))


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
