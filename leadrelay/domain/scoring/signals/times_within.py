"""Several times within some days: interest that keeps coming back."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.given import Given
from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.scoring.runs import run_gives

NEEDS = ("signal", "points", "count", "within_days")
READS = ("fades_days", "half_life_days")


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """`worth` once, for the newest `count` times within `within_days` (of 24 hours)."""
    return run_gives(rule, lead, worth, now, timedelta(days=rule.within_days or 0))
