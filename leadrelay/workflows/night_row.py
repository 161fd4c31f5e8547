"""The row that says in which night a lead is judged again: what a decision makes of it."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.decision import Decision
from leadrelay.domain.scoring.night import night, wakes_at
from leadrelay.ports.records import RescoreRecord


def next_night(known: RescoreRecord | None, decision: Decision) -> RescoreRecord | None:
    """The row after a decision; None when it stays as it is, which costs no write."""
    stands = decision.has_card() and decision.lead.merged_into is None and decision.lead.erased_at is None
    due_at, version = _standing(known, decision) if stands else (None, None)
    if known is None:
        made = RescoreRecord(
            version=1, lead_id=decision.lead.lead_id, due_at=due_at, rules_version=version, since=decision.at
        )
        return made if stands else None
    if (known.due_at, known.rules_version) == (due_at, version):
        return None
    since = known.since if known.rules_version == version else decision.at
    return known.with_(version=known.version + 1, due_at=due_at, rules_version=version, since=since)


def _standing(known: RescoreRecord | None, decision: Decision) -> tuple[datetime | None, str]:
    """When it is due, and by which rules it was judged. A decision that only chose an owner or let a clock fire looked
    at no points: it may bring the night nearer, never put it off. A lead of a release that knew no nights is judged in
    the coming one."""
    fresh, version = wakes_at(decision), decision.rules.version
    if decision.judged:
        return fresh, version
    if known is None or known.rules_version is None:
        return night(decision.lead.lead_id, decision.at, decision.rules), version
    return min((at for at in (known.due_at, fresh) if at is not None), default=None), known.rules_version


def night_cause(row: RescoreRecord) -> str:
    """The cause of what the night finds: the row's own version, so that a doubled sweep finds it once."""
    return f"sweep:{row.key()}:{row.version}"


def is_night(cause: str) -> bool:
    """Whether a log row tells what the night found."""
    return cause.startswith("sweep:") and "/RESCORE:" in cause
