"""What a touch from the CRM says about its record: kept in the sync row, in the commit that hears the touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadrelay.domain.card.card import digest
from leadrelay.domain.crm.adopt import JUDGED, NOTHING, Shown, heard
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.touch import CrmRecord, Touch
from leadrelay.ports.records import LeadRecord, MapRecord, SyncRecord
from leadrelay.ports.store import Put
from leadrelay.workflows.deliver.diff import MOVED
from leadrelay.workflows.identify import Found
from leadrelay.workflows.take import ANSWER_WITHIN


def shown_of(sync: SyncRecord | None, before: Sequence[SyncRecord] = ()) -> Shown:
    """What we last wrote there; `before` are the rows of leads that the record may have shown and that became this
    one. As long as this one has no record, the first of theirs shows it."""
    rows = sorted(filter(None, (sync, *before)), key=lambda row: row.crm_id is None)
    if not rows:
        return NOTHING
    row, earlier = rows[0], tuple(map(shown_of, rows[1:]))
    return Shown(
        row.crm_id,
        row.owner,
        row.owner_at,
        row.offered,
        row.values,
        row.shows,
        row.heard_at,
        earlier,
        row.status_was,
        row.status_at,
    )


def may_show(row: SyncRecord, record: CrmRecord, mapped: MapRecord | None) -> bool:
    """Whether the record may show what this row was the last to write: it belongs or belonged (`mapped`) to the row's
    lead, or nobody knows which record was written to: the worker died before it could say."""
    ids = (None, record.person, *record.was)
    return row.crm_id in ids or (mapped is not None and mapped.lead_id == row.lead_id)


def is_echo(touch: Touch, decision: Decision, before: LeadRecord | None, sync: SyncRecord | None) -> bool:
    """Whether a change in the CRM told nothing: mostly our own writes, coming back. The lead need not remember it."""
    if touch.kind != "crm_change" or touch.record is None or before is None:
        return False
    known = sync is not None and sync.crm_id == touch.record.person
    same = all(isinstance(fact, TouchIdentified) for fact in decision.facts)
    return known and same and decision.profile == before.profile


def seen_there(
    puts: Sequence[Put], sync: SyncRecord | None, touch: Touch, found: Found, decision: Decision, context: Context
) -> tuple[Put, ...]:
    """The puts of a decision, with the lead's sync row as the touch shows its record: which one it is, whose, or that
    it is gone."""
    if touch.record is None:
        return tuple(puts)
    mine = (put.record for put in puts if isinstance(put.record, SyncRecord))
    written = next((row for row in mine if row.lead_id == decision.lead.lead_id), None)
    row = written or _next(sync, touch.record, decision, context)
    news = _news(row, touch, found, decision, context)
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


def _news(row: SyncRecord, touch: Touch, found: Found, decision: Decision, context: Context) -> Mapping[str, object]:
    record = touch.record
    if record is None:
        return {}
    if touch.event == "deleted":
        return _forgotten(row) if row.crm_id == record.person else {}
    news: dict[str, object] = {}
    shown = shown_of(row)
    if record.kind == "person" and shown.is_about(record) and not shown.is_late(touch):
        news |= {"shows": {**row.shows, **_said(record)}, "heard_at": touch.received_at}
        news |= _status(row, record, touch)
    if row.crm_id is None and _is_new(record.person, found):
        news["crm_id"] = record.person
    if row.crm_id in record.was:
        news |= _elsewhere(row, record.person, decision, context)
    here = news.get("crm_id", row.crm_id) == record.person
    if here and any(isinstance(fact, OwnerOverridden) and fact.crm_owner == record.owner for fact in decision.facts):
        news |= {"owner": record.owner, "owner_at": touch.received_at}
    return news


def _status(row: SyncRecord, record: CrmRecord, touch: Touch) -> dict[str, object]:
    """The status that it shows, unless we have written one since it was read."""
    known = row.status_at is not None and touch.received_at <= row.status_at
    return {} if record.status is None or known else {"status": record.status, "status_at": touch.received_at}


def _is_new(crm_id: str, found: Found) -> bool:
    """Nobody's until now. A record that is known and shows nobody was deleted, and others still speak of it; or it is
    that of a lead which was another until now: delivery decides who takes it over."""
    return any(isinstance(place, MapRecord) and place.crm_id == crm_id for place in found.unnamed)


def _elsewhere(row: SyncRecord, crm_id: str, decision: Decision, context: Context) -> dict[str, object]:
    """The person is another record now, which shows what it always showed: all of the card is to be written there."""
    due_at = row.due_at or (None if decision.lead.card is None else context.at + ANSWER_WITHIN)
    return {"crm_id": crm_id, "unsure": tuple(sorted({*row.unsure, MOVED})), "due_at": due_at}


def _said(record: CrmRecord) -> dict[str, str]:
    """Digests of what is heard as a person's word: known when it comes again."""
    said = dict(zip(JUDGED, (record.status, record.stage), strict=True))
    return {heard(name): digest(value) for name, value in said.items() if value}


def _forgotten(row: SyncRecord) -> dict[str, object]:
    """The record is gone: what comes next makes a new one, so everything about the old one is as it began, but that we
    know again what we had written there: some of it may still be under way."""
    kept = {"shows", "offered", "version", "lead_id", "crm", "wanted", "correlation_id", "rules_version", "due_at"}
    begun = {name: field.get_default(call_default_factory=True) for name, field in SyncRecord.model_fields.items()}
    return {**{name: value for name, value in begun.items() if name not in kept}, "due_at": None, "written": row.wanted}
