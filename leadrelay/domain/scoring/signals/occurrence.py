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
    return min(most, sum(int(worth * _freshness(rule, at, now)) for at in signal.times))


def _freshness(rule: SignalRule, at: datetime, now: datetime) -> float:
    if rule.fades_days is None:
        return 1.0
    age_days = (now - at).total_seconds() / 86400
    return max(0.0, min(1.0, 1 - age_days / rule.fades_days))
