"""How well a score tells who converts: correlation, rates that rise with it, and bands in the wrong order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

CHANCE = 0.05
"""A finding is wrong in one of twenty cases, all comparisons that are made taken together."""


class Band(NamedTuple):
    """Of `leads` in a band of scores, `converted` did."""

    name: str
    leads: int
    converted: int

    @property
    def rate(self) -> float:
        """The share that did, of at least one lead."""
        return self.converted / self.leads


class Inversion(NamedTuple):
    """The lower band converts better than the higher one; `chance` is how likely so large a difference is if both are
    alike."""

    low: Band
    high: Band
    chance: float


def correlation(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """The point-biserial correlation, -1 to 1: Pearson's, of a number and of what happened or did not. None where all
    scores, or all outcomes, are the same."""
    count = len(scores)
    if not count:
        return None
    middle, rate = math.fsum(scores) / count, sum(outcomes) / count
    spread = math.fsum((score - middle) ** 2 for score in scores) * count * rate * (1 - rate)
    together = math.fsum((score - middle) * (hit - rate) for score, hit in zip(scores, outcomes, strict=True))
    return together / math.sqrt(spread) if spread > 0 else None


def tells_something(correlation: float, count: int) -> bool:
    """Whether a correlation of so many pairs differs from none by more than chance (Fisher 1915: the inverse hyperbolic
    tangent of it is normal, with a variance of 1 / (n - 3))."""
    if count <= 3:
        return False
    return abs(correlation) >= 1 or math.erfc(abs(math.atanh(correlation)) * math.sqrt((count - 3) / 2)) < CHANCE


def rising(bands: Sequence[Band]) -> list[float]:
    """For each band the rate that it would have if rates never fell as scores rise: the nearest such rates, weighted by
    leads (pool adjacent violators; Ayer and others 1955). Bands have at least one lead each."""
    pools: list[tuple[int, int, int]] = []  # leads, converted, bands
    for band in bands:
        pools.append((band.leads, band.converted, 1))
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] > pools[-1][1] * pools[-2][0]:
            (leads, converted, several), (more, too, one) = pools[-2:]
            pools[-2:] = [(leads + more, converted + too, several + one)]
    return [converted / leads for leads, converted, several in pools for _ in range(several)]


def inversions(bands: Sequence[Band], enough: int) -> list[Inversion]:
    """Bands, lowest first, of which a lower one converts better than a higher one by more than chance, the clearest
    first. Only bands with `enough` leads are compared; the more pairs, the clearer a difference must be (Bonferroni's
    correction)."""
    pairs = list(combinations([band for band in bands if band.leads >= enough], 2))
    found = [Inversion(low, high, chance_of(low, high)) for low, high in pairs if low.rate > high.rate]
    return sorted((one for one in found if one.chance * len(pairs) < CHANCE), key=lambda one: one.chance)


def chance_of(one: Band, other: Band) -> float:
    """How likely two bands that are alike differ at least so much: a z-test of two proportions with their common rate,
    two-sided."""
    rate = (one.converted + other.converted) / (one.leads + other.leads)
    error = math.sqrt(rate * (1 - rate) * (1 / one.leads + 1 / other.leads))
    return math.erfc(abs(one.rate - other.rate) / error / math.sqrt(2)) if error else 1.0
