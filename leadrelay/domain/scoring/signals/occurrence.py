"""Something happened: points each time, up to the caps, fading with age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.scoring.fading import faded
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.signal import Signal

NEEDS = ("signal", "points")
READS = ("repeat", "most", "per_window", "window_days", "fades_days", "half_life_days")


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """`worth` for each of the newest times, each faded, capped per window and at `most` (default: once)."""
    signal = lead.signals.get(rule.signal)
    if signal is None:
        return NOTHING
    points, windows = 0, defaultdict[int, int](int)
    touches, changes = [], []
    for at, touch_id in _counted(rule, signal):
        left, until = faded(rule, worth, at, now)
        if left:
            points += left
            windows[_window(rule, at)] += left
            touches.append(touch_id)
            changes += [until] if until is not None else []
    kept = sum(_within(count, rule.per_window) for count in windows.values())
    most = worth if rule.most is None else max(worth, rule.most)
    return Given(points, _within(kept, most), touches[0] if touches else None, min(changes, default=None))


def _counted(rule: SignalRule, signal: Signal) -> Iterator[tuple[Instant, str]]:
    """The times that count, newest first."""
    days = set()
    for at, touch_id in signal.moments():
        day = at.toordinal() if rule.repeat == "daily" else 0
        if rule.repeat == "each" or day not in days:
            days.add(day)
            yield at, touch_id


def _window(rule: SignalRule, at: datetime) -> int:
    """Windows begin with a Monday: day 1 of the calendar was one."""
    return 0 if rule.window_days is None else (at.toordinal() - 1) // rule.window_days


def _within(points: int, cap: int | None) -> int:
    """A cap limits losses as it limits gains."""
    return points if cap is None else max(-abs(cap), min(abs(cap), points))
