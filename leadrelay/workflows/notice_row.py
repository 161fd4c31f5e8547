"""The row of a notice: kept until everybody is told, so that none gets lost."""

from __future__ import annotations

from datetime import timedelta

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.facts import Context
from leadrelay.ports.records import NoticeRecord

ANSWER_WITHIN = timedelta(minutes=1)
"""`notify` is asked again by the sweep when it has not answered within this time; `deliver` too."""


def notice_row(fact: NoticeNeeded, lead_id: str, context: Context) -> NoticeRecord:
    """Of a notice that is said in this context; `lead_id` is "" for one about a source."""
    return NoticeRecord(
        version=1,
        lead_id=lead_id,
        notice_id=fact.notice_id,
        notice=fact.notice,
        hop=fact.hop,
        rep=fact.rep,
        level=fact.level,
        since=fact.since,
        source=fact.source,
        asked_at=context.at,
        due_at=context.at + ANSWER_WITHIN,
        correlation_id=context.correlation_id,
        rules_version=context.rules_version,
    )
