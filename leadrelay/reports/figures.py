"""The arithmetic of reports: shares, middles and what two of them may be said to differ by. None where there is nothing
to divide by, or to take the middle of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, fsum, sqrt

_SURE = 1.96
"""Standard errors beyond which a difference is not chance: wrong one time in twenty."""


def share(part: float, whole: float) -> float | None:
    """A part of a whole; more than 1 where it is greater."""
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean."""
    return fsum(values) / len(values) if values else None


def quantile(values: Iterable[float], at: float) -> float | None:
    """The value below which the share `at` (0 to 1) of the values lies, with a straight line between two neighbours
    (Hyndman and Fan 1996, definition 7, which spreadsheets use too)."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = at * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Iterable[float]) -> float | None:
    """The one in the middle, or half way between the two that are."""
    return quantile(values, 0.5)


def seconds_between(pairs: Iterable[tuple[int | None, int | None]]) -> list[float]:
    """From the first to the second of each pair of times (milliseconds), in seconds; without those that lack one, or
    that happened the other way round."""
    return [(end - start) / 1000 for start, end in pairs if start is not None and end is not None and end >= start]


def shares_differ(part: float, whole: float, other_part: float, other_whole: float) -> bool:
    """Whether two shares differ by more than chance: a z-test of two proportions, two-sided, at 5 %."""
    if not whole or not other_whole:
        return False
    pooled = (part + other_part) / (whole + other_whole)
    error = sqrt(max(pooled * (1 - pooled), 0) * (1 / whole + 1 / other_whole))
    return error > 0 and abs(part / whole - other_part / other_whole) > _SURE * error


def counts_differ(one: int, other: int) -> bool:
    """Whether the numbers of what happened in two equally long times differ by more than chance: the difference of two
    Poisson counts has the variance of their sum (two-sided, 5 %)."""
    return abs(one - other) > _SURE * sqrt(one + other)
