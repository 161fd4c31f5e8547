"""Our share of a CRM's rate, as a token bucket that all workers draw from.

A full bucket and everything that flows in during one window of the CRM, and during the time for which a worker may
keep what it took, are together no more than our share: so no window of that length ever sees more calls than that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.card.policy import Budget
from leadrelay.domain.model import Instant, Model

KEPT = timedelta(seconds=1)
"""For how long a worker may spend what it took; the rest is lost to it."""

CHUNK = 4
"""Calls a worker takes at once: what a first contact costs."""

LEAST = 20
"""Our share of a window at the least: fewer calls could not be shared among workers, with some kept back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`capacity` in calls, `refill` in calls a second, `reserve` the calls left to what is urgent."""

    capacity: float
    refill: float
    reserve: float


class Bucket(Model):
    """`tokens` were there at `at` (UTC)."""

    tokens: float
    at: Instant


@dataclass(frozen=True, slots=True)
class Draw:
    """The bucket afterwards, the whole calls it gave, and how long (seconds) until it gives one, when it gave none."""

    bucket: Bucket
    calls: int
    wait: float


def rate_of(budget: Budget) -> Rate:
    """Half of our share may go out at once, the other half flows in over one window."""
    capacity = budget.ours / 2
    refill = (budget.ours - capacity) / (budget.seconds + KEPT.total_seconds())
    return Rate(capacity, refill, capacity * budget.reserve / 100)


def full(rate: Rate, now: datetime) -> Bucket:
    """Nobody has called yet."""
    return Bucket(tokens=rate.capacity, at=now)


def drawn(bucket: Bucket, rate: Rate, now: datetime, urgent: bool) -> Draw:
    """Take up to a chunk. A clock that lags behind adds nothing."""
    at = max(now, bucket.at)
    tokens = min(rate.capacity, bucket.tokens + (at - bucket.at).total_seconds() * rate.refill)
    spare = tokens - (0.0 if urgent else rate.reserve)
    calls = min(CHUNK, math.floor(spare)) if spare >= 1 else 0
    wait = 0.0 if calls else (1 - spare) / rate.refill
    return Draw(Bucket(tokens=tokens - calls, at=at), calls, wait)
