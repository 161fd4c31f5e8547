"""Several things within some days: each says little, together they say that somebody decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.scoring.fading import faded
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.policy import SignalRule

NEEDS = ("signals", "points", "within_days")
READS = ("fades_days", "half_life_days")

_Moments = tuple[tuple[Instant, str], ...]


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """`worth` once, if each of `signals` happened as often as it says within `within_days`; it fades since the newest
    time at which that was so."""
    if not all(name in lead.signals for name in rule.signals):
        return NOTHING
    parts = [(lead.signals[name].moments(), count) for name, count in rule.signals.items()]
    window = timedelta(days=rule.within_days or 0)
    for newest, touch_id in sorted((moment for moments, _ in parts for moment in moments), reverse=True):
        if all(_often(moments, newest - window, newest) >= count for moments, count in parts):
            left, until = faded(rule, worth, newest, now)
            return Given(left, left, touch_id if left else None, until)
    return NOTHING


def _often(moments: _Moments, since: datetime, until: datetime) -> int:
    return sum(since <= at <= until for at, _ in moments)
