"""Whether a number moved, or only trembled; and whether traffic or handling moved it.

What comes out is what came in times what part of it got through. Fewer came: traffic. A smaller part got through:
handling. The difference is divided between the two exactly: (n1 - n0) * r0 of it is traffic, n1 * (r1 - r0) handling.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal, NamedTuple

Cause = Literal["traffic", "handling"]

_SURE = 1.96
"""Standard errors beyond which a difference is not chance: wrong one time in twenty."""


class Through(NamedTuple):
    """Of `came`, `out` got through."""

    came: int
    out: int


def shares_differ(now: Through, before: Through) -> bool:
    """Whether the parts that got through differ by more than chance: a z-test of two proportions, two-sided, 5 %."""
    if not now.came or not before.came:
        return False
    pooled = (now.out + before.out) / (now.came + before.came)
    error = sqrt(max(pooled * (1 - pooled), 0) * (1 / now.came + 1 / before.came))
    return error > 0 and abs(now.out / now.came - before.out / before.came) > _SURE * error


def counts_differ(now: int, before: int) -> bool:
    """Whether the numbers of what happened in two equally long times differ by more than chance: the difference of two
    Poisson counts has the variance of their sum (two-sided, 5 %)."""
    return abs(now - before) > _SURE * sqrt(now + before)


def cause(now: Through, before: Through) -> Cause | None:
    """Why fewer got through than before; None where not fewer did, by more than chance."""
    if now.out >= before.out or not counts_differ(now.out, before.out):
        return None
    traffic = (now.came - before.came) * (before.out / before.came) if before.came else 0.0
    return "traffic" if traffic <= (now.out - before.out) / 2 else "handling"
