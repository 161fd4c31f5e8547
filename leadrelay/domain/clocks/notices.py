"""That somebody must be told of a lead."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.lead import Lead


def notice(kind: str, lead: Lead, hop: int, at: datetime) -> NoticeNeeded:
    """A notice about this lead; one kind happens at most once in an instant."""
    notice_id = f"{kind}-{hop}-{at:%Y%m%dT%H%M%SZ}"
    return NoticeNeeded(notice_id=notice_id, notice=kind, hop=hop, rep=lead.ownership.rep)
