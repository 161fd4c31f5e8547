"""Runs: several times of one signal close together."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.fading import faded
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.policy import SignalRule


def run_gives(rule: SignalRule, lead: Lead, worth: int, now: datetime, window: timedelta) -> Given:
    """`worth` if any `count` of the newest ten times lie within the window, fading since the newest of them."""
    signal = lead.signals.get(rule.signal)
    moments = () if signal is None else signal.moments()
    for (newest, touch_id), (oldest, _) in zip(moments, moments[rule.count - 1 :], strict=False):
        if newest - oldest <= window:
            left, until = faded(rule, worth, newest, now)
            return Given(left, left, touch_id if left else None, until)
    return NOTHING
