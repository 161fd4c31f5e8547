"""Whose turn it is: weighted round robin by shortfall.

A rep's shortfall is the share of all assignments their weight promises, minus what they got. The largest is next.
Counting against the whole pool (not only who is free now) means that who was skipped catches up. Known as the
largest-shortfall or stride method; over any run it stays within one lead of each weight's exact share while everybody
is eligible.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from pydantic import Field

from leadrelay.domain.model import Model
from leadrelay.domain.routing.policy import Pool


class Turns(Model):
    """A pool's memory: leads given to each rep, and the number of the assignment in which each was last chosen."""

    given: dict[str, int] = Field(default_factory=dict)
    last: dict[str, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        """Assignments made by the pool."""
        return sum(self.given.values())


def seated(turns: Turns, pool: Pool) -> Turns:
    """Turns for the pool's present members. A new member starts at the average, so that they neither flood nor
    starve; a member who left is forgotten."""
    weights = {member.rep: member.weight for member in pool.members}
    known = {rep: turns.given[rep] for rep in weights if rep in turns.given}
    weight = sum(weights[rep] for rep in known)
    level = Fraction(sum(known.values()), weight) if weight else Fraction(0)
    return Turns(
        given={rep: known.get(rep, int(level * weights[rep])) for rep in weights},
        last={rep: turns.last.get(rep, 0) for rep in weights},
    )


def shortfalls(turns: Turns, weights: Mapping[str, int]) -> dict[str, Fraction]:
    """What each rep is behind (positive) or ahead (negative), in leads, if one more lead is given out now."""
    total, weight = turns.total + 1, sum(weights.values())
    return {rep: Fraction(total * own, weight) - turns.given.get(rep, 0) for rep, own in weights.items()}


def next_turn(turns: Turns, pool: Pool, eligible: Collection[str]) -> str | None:
    """The eligible rep with the largest shortfall; ties by larger weight, longest wait, then place in the pool."""
    weights = {member.rep: member.weight for member in pool.members}
    behind = shortfalls(turns, weights)
    order = list(weights)
    return min(
        (rep for rep in order if rep in eligible),
        key=lambda rep: (-behind[rep], -weights[rep], turns.last.get(rep, 0), order.index(rep)),
        default=None,
    )


def taken(turns: Turns, rep: str) -> Turns:
    """After `rep` got one lead."""
    given = {**turns.given, rep: turns.given.get(rep, 0) + 1}
    return Turns(given=given, last={**turns.last, rep: sum(given.values())})
