"""The arithmetic of reports: shares, means and percentiles that know that there may be nothing to take them of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

_SURE = 1.96
"""Standard errors beyond which a difference is not chance: wrong one time in twenty."""


def known(values: Iterable[T | None]) -> list[T]:
    """Those that there are."""
    return [value for value in values if value is not None]


def share(part: float, whole: float) -> float | None:
    """What part of the whole, 0 to 1; None of nothing."""
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], part: float) -> float | None:
    """The value below which `part` (0 to 1) of them lie, with a straight line between two neighbours (Hyndman and Fan
    1996, definition 7, which spreadsheets use too); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float | None:
    """The one in the middle, or half way between the two that are; None of nothing."""
    return percentile(values, 0.5)


def seconds_between(pairs: Iterable[tuple[int | None, int | None]]) -> list[float]:
    """From the first to the second of each pair of times (milliseconds), in seconds; without those that lack one, or
    that happened the other way round."""
    return [(end - start) / 1000 for start, end in pairs if start is not None and end is not None and end >= start]


def shares_differ(part: float, whole: float, other_part: float, other_whole: float) -> bool:
    """Whether two shares differ by more than chance: a z-test of two proportions, two-sided, at 5 %."""
    if not whole or not other_whole:
        return False
    pooled = (part + other_part) / (whole + other_whole)
    error = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / whole + 1 / other_whole))
    return error > 0 and abs(part / whole - other_part / other_whole) > _SURE * error


def counts_differ(one: int, other: int) -> bool:
    """Whether the numbers of what happened in two equally long times differ by more than chance: the difference of two
    Poisson counts has the variance of their sum (two-sided, 5 %)."""
    return abs(one - other) > _SURE * math.sqrt(one + other)
