"""How points fade: whole points, computed with integers, so that every machine agrees and no rest is left over.

Age counts in whole days of 24 hours: what happened a moment ago is worth all of its points.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from leadrelay.domain.scoring.policy import SignalRule


def faded(rule: SignalRule, worth: int, at: datetime, now: datetime) -> tuple[int, datetime | None]:
    """What `now` is left of points earned `at` (UTC), and when it becomes less; None when it stays. A loss fades like a
    gain."""
    age = max(0, (now - at).days)
    if rule.half_life_days is not None:
        left, until = _halved(abs(worth), age, rule.half_life_days)
    elif rule.fades_days is not None:
        left, until = _linear(abs(worth), age, rule.fades_days)
    else:
        return worth, None
    return (left if worth > 0 else -left), None if until is None else at + timedelta(days=until)


def _linear(worth: int, age: int, days: int) -> tuple[int, int | None]:
    """The share of the days still to come, rounded down; and the age at which it is less."""
    left = worth * max(0, days - age) // days
    return left, days + 1 - -(-left * days // worth) if left else None


@lru_cache(maxsize=4096)
def _halved(worth: int, age: int, half_life: int) -> tuple[int, int | None]:
    """The greatest whole `left` with left <= worth / 2^(age / half_life), that is left^h * 2^age <= worth^h; and the
    smallest age at which it is too much."""
    bound = worth**half_life
    left = _greatest(worth, half_life, bound >> age)
    return left, (bound // left**half_life).bit_length() if left else None


def _greatest(worth: int, power: int, bound: int) -> int:
    """The greatest whole number up to `worth` whose power is within the bound."""
    low, high = 0, worth
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**power <= bound else (low, middle - 1)
    return low
