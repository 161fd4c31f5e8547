"""Whether scores moved: their mean by more than chance, their distribution by more than a little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

from leadrelay.reports.measures import share

SURE = 1.96
"""Standard errors beyond which a difference is not chance: wrong one time in twenty."""

MOVED = 0.25
"""From here on a population has moved; 0.1 to 0.25 is worth a look (the common reading of the index)."""

_NONE = 0.5
"""What stands for an empty band, in leads: of nothing there is no logarithm."""


def means_differ(now: Sequence[float], before: Sequence[float]) -> bool:
    """Whether two means differ by more than chance: Welch's test (1947), whose distribution is taken for normal; there
    are never fewer than some dozens."""
    if min(len(now), len(before)) < 2:
        return False
    error = math.sqrt(variance(now) / len(now) + variance(before) / len(before))
    return abs(fmean(now) - fmean(before)) > SURE * error


def stability(now: Sequence[int], before: Sequence[int]) -> float | None:
    """The population stability index of two distributions over the same bands, in leads: 0 where they are alike. None
    where one of them is empty."""
    if not sum(now) or not sum(before):
        return None
    pairs = zip(_shares(now), _shares(before), strict=True)
    return math.fsum((is_ - was) * math.log(is_ / was) for is_, was in pairs)


def _shares(counts: Sequence[int]) -> list[float]:
    filled = [count or _NONE for count in counts]
    return [share(count, sum(filled)) or 0 for count in filled]
