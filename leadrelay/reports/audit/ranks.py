"""Whether two small groups differ: by the ranks of their values, for a few deals have no bell curve."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

_SURE = 1.96
"""Standard errors: wrong one time in twenty."""


def ranks_differ(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether values of one group tend to be larger than those of the other by more than chance: Mann and Whitney's U
    (1947), two-sided at 5 %, by the normal approximation with the correction for ties and for continuity. Fewer than
    `FEWEST` in a group never differ."""
    if min(len(one), len(other)) < FEWEST:
        return False
    pairs, number = len(one) * len(other), len(one) + len(other)
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    ties = sum(times**3 - times for times in Counter((*one, *other)).values())
    variance = pairs / 12 * (number + 1 - ties / (number * (number - 1)))
    return variance > 0 and (abs(wins - pairs / 2) - 0.5) / math.sqrt(variance) > _SURE


FEWEST = 5
"""With fewer of a kind even the clearest difference may be chance."""
