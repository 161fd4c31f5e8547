"""The row that says in which night a lead is judged again: what a decision makes of it."""

from __future__ import annotations

from leadrelay.domain.decision import Decision
from leadrelay.domain.nurture.facts import NurtureEnrolled
from leadrelay.domain.scoring.night import wakes_at
from leadrelay.ports.records import RescoreRecord, rescore_key
from leadrelay.ports.store import Store


def moves_night(decision: Decision) -> bool:
    """Whether a decision may change the row. One that only chose an owner or let a clock fire looked at no points: its
    row still stands for what the last judgement found, unless the lead came into a sequence, which may have an end."""
    enrolled = any(isinstance(fact, NurtureEnrolled) for fact in decision.facts)
    return decision.judged or enrolled or decision.lead.merged_into is not None


def known_night(decision: Decision, seen: int, store: Store) -> RescoreRecord | None:
    """The row as it is stored; a lead that was never stored (`seen` 0) has none."""
    return store.load(rescore_key(decision.lead.lead_id)) if seen else None


def next_night(known: RescoreRecord | None, decision: Decision) -> RescoreRecord | None:
    """The row after a judgement; None when it stays as it is, which costs no write."""
    lead = decision.lead
    stands = decision.has_card() and lead.merged_into is None
    due_at, version = wakes_at(decision), decision.rules.version if stands else None
    if known is None:
        made = RescoreRecord(version=1, lead_id=lead.lead_id, due_at=due_at, rules_version=version, since=decision.at)
        return made if stands else None
    if (known.due_at, known.rules_version) == (due_at, version):
        return None
    since = known.since if known.rules_version == version else decision.at
    return known.with_(version=known.version + 1, due_at=due_at, rules_version=version, since=since)
