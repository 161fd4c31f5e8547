"""A fact about the person or their company that is no touch: bought before, several people are active."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.lead import Lead
from leadrelay.domain.scoring.given import Given
from leadrelay.domain.scoring.policy import SignalRule

NEEDS = ("if_", "points")
READS = ()


def gives(rule: SignalRule, lead: Lead, worth: int, now: datetime) -> Given:
    """`worth` as long as `if` holds, which is asked of every rule before its kind is."""
    return Given(worth, worth)
