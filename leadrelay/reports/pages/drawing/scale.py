"""Round numbers for an axis (after Heckbert's nice numbers, Graphics Gems, 1990)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NICE = (1, 2, 2.5, 5, 10)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TIMES = (1, 5, 15, 30, *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)), *(n * _HOUR for n in (1, 2, 3, 6, 12)), _DAY)
"""Steps of seconds that a clock knows; from days on they are counted like anything else."""


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`; `ticks` are the values worth a line."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """Where a value lies, 0 at `low` to 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def scale(numbers: Sequence[float], steps: int = 4, *, seconds: bool = False) -> Scale:
    """An axis with zero on it, about so many steps long; never without length. `seconds` are divided as on a clock."""
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    rough = (high - low) / steps or 1 / steps
    step = _of_a_clock(rough) if seconds else _nice(rough)
    first, last = math.floor(low / step), max(math.ceil(high / step - 1e-9), math.floor(low / step) + 1)
    return Scale(first * step, last * step, tuple(place * step for place in range(first, last + 1)))


def _nice(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice for nice in _NICE if nice * power >= rough * (1 - 1e-9)) * power


def _of_a_clock(rough: float) -> float:
    return next((step for step in _TIMES if step >= rough), _nice(rough / _DAY) * _DAY)
