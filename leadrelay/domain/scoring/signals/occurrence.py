"""Something happened: points each time, up to `most`, fading with age."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.signal import Signal


def points(rule: SignalRule, signal: Signal, worth: int, now: datetime) -> int:
    """`worth` for each of the newest times, each faded linearly over `fades_days`, capped at `most` (default: once).

    Whole points, rounded down, so that a score is the sum of what its reasons say.
    """
    most = worth if rule.most is None else max(worth, rule.most)
    return min(most, sum(_faded(worth, rule.fades_days, at, now) for at in signal.times))


def _faded(worth: int, fades_days: int | None, at: datetime, now: datetime) -> int:
    """Whole days of 24 hours count: what happened a moment ago is worth all of its points."""
    if fades_days is None:
        return worth
    age = max(0, (now - at).days)
    return worth * max(0, fades_days - age) // fades_days
