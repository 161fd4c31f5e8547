"""Round numbers for an axis (after Heckbert's nice numbers, Graphics Gems, 1990)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`; `ticks` are the values worth a line."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """Where a value lies, 0 at `low` to 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def scale(numbers: Sequence[float], steps: int = 4) -> Scale:
    """An axis with zero on it, about so many steps long; never without length."""
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    step = _nice((high - low or 1) / steps)
    first, last = math.floor(low / step), max(math.ceil(high / step - 1e-9), math.floor(low / step) + 1)
    return Scale(first * step, last * step, tuple(place * step for place in range(first, last + 1)))


def _nice(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice for nice in _NICE if nice * power >= rough * (1 - 1e-9)) * power
