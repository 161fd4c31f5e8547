"""RevOps hears of a gap, once a day for each source: a sender whose deliveries stay away is silent otherwise."""

from __future__ import annotations

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.facts import Context
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import CursorRecord
from leadrelay.ports.store import Put
from leadrelay.workflows.log import notice_log
from leadrelay.workflows.notice_row import notice_row
from leadrelay.workflows.reconcile import Counted

SOURCE_GAP = "source_gap"
"""The kind of notice."""


def alerted(record: CursorRecord, counted: Counted, rules: Rules, context: Context) -> tuple[CursorRecord, list[Put]]:
    """The cursor that remembers the day, and the notice. What was only deleted at the sender's is nobody's alarm."""
    today = context.at.date().isoformat()
    if not counted.found or record.told_on == today or not rules.notices.named(SOURCE_GAP):
        return record, []
    needed = NoticeNeeded(
        notice_id=f"{SOURCE_GAP}-{record.source}-{today}", notice=SOURCE_GAP, hop=0, source=record.source
    )
    row = notice_row(needed, "", context)
    return record.with_(told_on=today), [Put(row), Put(notice_log(row, [needed], context))]
