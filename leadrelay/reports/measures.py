"""The arithmetic of reports: shares, means and percentiles that know that there may be nothing to take them of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


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
