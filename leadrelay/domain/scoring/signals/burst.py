"""Several times within a short while: a person who comes back today is nearer to buying than one who came once."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.signal import Signal


def points(rule: SignalRule, signal: Signal, worth: int, now: datetime) -> int:
    """`worth` if any `count` of the newest times lie within `within_hours`, and that was within `fades_days`."""
    window = timedelta(hours=rule.within_hours)
    times = signal.times
    for newest, oldest in zip(times, times[rule.count - 1 :], strict=False):
        if newest - oldest <= window:
            return worth if rule.fades_days is None or now - newest <= timedelta(days=rule.fades_days) else 0
    return 0
