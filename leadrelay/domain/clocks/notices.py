"""That somebody must be told of a lead."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.clock import Checkpoint, Clock
from leadrelay.domain.lead import Lead

LATE = "_late"
"""Ends the kind of notice that says what a clock waited for in vain, all but the first contact."""


def notice(kind: str, lead: Lead, hop: int, at: datetime) -> NoticeNeeded:
    """A notice about this lead; one kind happens at most once in an instant."""
    notice_id = f"{kind}-{hop}-{at:%Y%m%dT%H%M%SZ}"
    return NoticeNeeded(notice_id=notice_id, notice=kind, hop=hop, rep=lead.ownership.rep)


def of_checkpoint(point: Checkpoint, lead: Lead, clock: Clock, now: datetime) -> NoticeNeeded:
    """What a checkpoint of a clock says, and since when that is so: other clocks may say the same in one instant."""
    told = notice(point.notice, lead, lead.ownership.hop, now)
    named = f"{told.notice_id}-{clock.kind}-{point.id}"
    return told.with_(notice_id=named, level=point.level, since=point.at)


def of_breach(kind: str, lead: Lead, clock: Clock, now: datetime) -> NoticeNeeded:
    """What a clock says when it is over, and since when it is."""
    return notice(kind, lead, lead.ownership.hop, now).with_(since=clock.over_at)
