"""How long nothing was heard: who came yesterday is warm, who has been silent for months has other worries."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.policy import SignalRule

NEEDS = ("steps",)
READS = ("signal",)


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """The points of the last of `steps` that the silence has reached, in whole days since the newest touch, or since
    the newest time of `signal`. Nothing for somebody who has never been heard of."""
    last = _last(rule, lead)
    if last is None:
        return NOTHING
    at, touch_id = last
    silent = max(0, (now - at).days)
    points = next((step.points for step in reversed(rule.steps) if step.days <= silent), 0)
    until = next((at + timedelta(days=step.days) for step in rule.steps if step.days > silent), None)
    return Given(points, points, touch_id if points else None, until)


def _last(rule: SignalRule, lead: Lead) -> tuple[Instant, str] | None:
    if not rule.signal:
        return None if lead.last_touch is None else (lead.last_touch.at, lead.last_touch.touch_id)
    signal = lead.signals.get(rule.signal)
    return None if signal is None else next(iter(signal.moments()), None)
