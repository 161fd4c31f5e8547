"""Several times within a short while: a person who comes back today is nearer to buying than one who came once."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.given import Given
from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.scoring.runs import run_gives

NEEDS = ("signal", "points", "count")
READS = ("within_hours", "fades_days", "half_life_days")


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """`worth` once, for the newest `count` times within `within_hours`."""
    return run_gives(rule, lead, worth, now, timedelta(hours=rule.within_hours))
