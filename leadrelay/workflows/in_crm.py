"""What a touch from the CRM says about its record: kept in the sync row, in the commit that hears the touch."""

from __future__ import annotations

from collections.abc import Sequence

from leadrelay.domain.crm.adopt import NOTHING, Shown
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.touch import CrmRecord, Touch
from leadrelay.ports.records import LeadRecord, SyncRecord
from leadrelay.ports.store import Put


def shown_of(sync: SyncRecord | None) -> Shown:
    """What we last wrote there."""
    return NOTHING if sync is None else Shown(owner=sync.owner, owner_at=sync.owner_at, values=sync.values)


def is_echo(touch: Touch, decision: Decision, before: LeadRecord | None, sync: SyncRecord | None) -> bool:
    """Whether a change in the CRM told nothing: mostly our own writes, coming back. The lead need not remember it."""
    if touch.kind != "crm_change" or touch.record is None or before is None:
        return False
    known = sync is not None and sync.crm_id == touch.record.person
    same = all(isinstance(fact, TouchIdentified) for fact in decision.facts)
    return known and same and decision.profile == before.profile


def seen_there(
    puts: Sequence[Put], sync: SyncRecord | None, touch: Touch, decision: Decision, context: Context
) -> tuple[Put, ...]:
    """The puts of a decision, with the lead's sync row as the touch shows its record: which one it is, whose, or that
    it is gone."""
    if touch.record is None:
        return tuple(puts)
    written = next((put.record for put in puts if isinstance(put.record, SyncRecord)), None)
    row = written or _next(sync, touch.record, decision, context)
    news = _news(row, touch, decision, context)
    if not news and sync is not None:
        return tuple(puts)
    others = (put for put in puts if put.record is not written)
    return (*others, Put(row.with_(**news)))


def _next(sync: SyncRecord | None, record: CrmRecord, decision: Decision, context: Context) -> SyncRecord:
    """The row as it would be written again; a new one asks for nothing."""
    if sync is not None:
        return sync.with_(version=sync.version + 1)
    return SyncRecord(
        version=1,
        lead_id=decision.lead.lead_id,
        crm=record.crm,
        wanted=0,
        due_at=None,
        correlation_id=context.correlation_id,
        rules_version=context.rules_version,
    )


def _news(row: SyncRecord, touch: Touch, decision: Decision, context: Context) -> dict[str, object]:
    record = touch.record
    if record is None:
        return {}
    if touch.event == "deleted":
        return _forgotten(row) if row.crm_id == record.person else {}
    news: dict[str, object] = {}
    if row.crm_id is None or row.crm_id in record.was:
        news["crm_id"] = record.person
    if any(isinstance(fact, OwnerOverridden) for fact in decision.facts):
        news |= {"owner": record.owner, "owner_at": context.at}
    return news


def _forgotten(row: SyncRecord) -> dict[str, object]:
    """The record is gone: what comes next makes a new one, so everything about the old one is as it began."""
    kept = {"version", "lead_id", "crm", "wanted", "correlation_id", "rules_version", "due_at"}
    begun = {name: field.get_default(call_default_factory=True) for name, field in SyncRecord.model_fields.items()}
    return {**{name: value for name, value in begun.items() if name not in kept}, "due_at": None, "written": row.wanted}
