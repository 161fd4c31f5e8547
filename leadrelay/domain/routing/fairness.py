"""Whose turn it is: weighted round robin that is fair at every moment, not only in the end.

A rep's shortfall is the share of all assignments their weight promises, minus what they got. Of those who would not run
ahead by taking one more, the one is next who would be a whole lead behind soonest. This is Tijdeman's answer to the
chairman assignment problem (1980): while everybody is eligible, each of k reps stays within 1 - 1/(2k-2) leads of their
exact share after every single assignment; taking simply the largest shortfall does not. Shares are counted over the
whole pool, not only who is free now, so that who was skipped catches up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from pydantic import Field

from leadrelay.domain.model import Model
from leadrelay.domain.routing.team import Pool


class Turns(Model):
    """A pool's memory: leads given to each rep, the number of the assignment in which each was last chosen, and the
    weights by which they were given."""

    given: dict[str, int] = Field(default_factory=dict)
    last: dict[str, int] = Field(default_factory=dict)
    weights: dict[str, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        """Assignments made by the pool."""
        return sum(self.given.values())


def seated(turns: Turns, pool: Pool) -> Turns:
    """Turns for the pool's present members. A new member, and one whose weight changed, starts at the average, so that
    they neither flood nor starve; a member who left is forgotten."""
    weights = {member.rep: member.weight for member in pool.members}
    settled = [rep for rep in weights if turns.weights.get(rep) == weights[rep]]
    counted = {rep: weights[rep] for rep in settled} or {rep: turns.weights.get(rep, 1) for rep in turns.given}
    weight = sum(counted.values())
    level = Fraction(sum(turns.given.get(rep, 0) for rep in counted), weight) if weight else Fraction(0)
    return Turns(
        given={rep: turns.given.get(rep, 0) if rep in settled else int(level * weights[rep]) for rep in weights},
        last={rep: turns.last.get(rep, 0) for rep in weights},
        weights=weights,
    )


def shortfalls(turns: Turns, weights: Mapping[str, int]) -> dict[str, Fraction]:
    """What each rep is behind (positive) or ahead (negative), in leads, if one more lead is given out now."""
    total, weight = turns.total + 1, sum(weights.values())
    return {rep: Fraction(total * own, weight) - turns.given.get(rep, 0) for rep, own in weights.items()}


def next_turn(turns: Turns, pool: Pool, eligible: Collection[str]) -> str | None:
    """The eligible rep whose deadline comes first; ties by larger weight, longest wait, then place in the pool.

    When everybody who is eligible would run ahead, because those who are behind are away, the deadlines decide too.
    """
    weights = {member.rep: member.weight for member in pool.members}
    behind, order = shortfalls(turns, weights), list(weights)
    slack = Fraction(1, max(1, 2 * len(weights) - 2))
    free = [rep for rep in order if rep in eligible]
    return min(
        [rep for rep in free if behind[rep] >= slack] or free,
        key=lambda rep: (
            (1 - slack - behind[rep]) / weights[rep],
            -weights[rep],
            turns.last.get(rep, 0),
            order.index(rep),
        ),
        default=None,
    )


def taken(turns: Turns, rep: str) -> Turns:
    """After `rep` got one lead."""
    given = {**turns.given, rep: turns.given.get(rep, 0) + 1}
    return turns.with_(given=given, last={**turns.last, rep: sum(given.values())})
