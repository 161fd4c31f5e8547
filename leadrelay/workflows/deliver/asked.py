"""The sync row as a decision leaves it: what should be shown, and whether that can wait for more changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from leadrelay.domain.clocks.facts import ClockStarted, ClockStopped, SlaBreached, SlaMet
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context, Fact
from leadrelay.domain.routing.facts import LeadAssigned, LeadWaits, OwnerOverridden
from leadrelay.ports.records import SyncRecord


def asked(
    known: SyncRecord | None, decision: Decision, wanted: int, context: Context, answer_within: timedelta
) -> SyncRecord:
    """`known` is the row as it is, `wanted` the lead version to be shown. `deliver` is expected to answer within a
    while or, if the change can wait, once it is quiet; a row that waits for the CRM keeps waiting."""
    row = known or _new(decision, context)
    urgent = _is_urgent(row, decision.facts)
    quiet_until = None if urgent else _quiet_until(row, decision, context.at)
    return row.with_(
        version=row.version + 1,
        wanted=wanted,
        quiet_until=quiet_until,
        due_at=_due_at(row, quiet_until, context.at, answer_within),
        correlation_id=context.correlation_id,
        rules_version=context.rules_version,
    )


def _due_at(row: SyncRecord, quiet_until: datetime | None, now: datetime, answer_within: timedelta) -> datetime:
    """The fact that is said now is answered at once, or as soon as the CRM may be called and it is quiet."""
    later = [at for at in (quiet_until, row.wait_until) if at is not None and at > now]
    return max(later, default=now + answer_within)


def _new(decision: Decision, context: Context) -> SyncRecord:
    return SyncRecord(
        lead_id=decision.lead.lead_id,
        crm=decision.rules.crm.vendor,
        wanted=0,
        due_at=None,
        correlation_id=context.correlation_id,
        rules_version=context.rules_version,
    )


def _is_urgent(row: SyncRecord, facts: Iterable[Fact]) -> bool:
    """Somebody new, another owner, a deadline: a rep acts on these. What was urgent before stays so."""
    pending = row.due_at is not None and row.quiet_until is None
    return row.written == 0 or pending or any(map(_calls_somebody, facts))


def _calls_somebody(fact: Fact) -> bool:
    match fact:
        case LeadAssigned() | LeadWaits() | OwnerOverridden():
            return True
        case ClockStarted(clock=clock):
            return clock.kind == "first_contact"
        case ClockStopped(kind=kind) | SlaMet(kind=kind) | SlaBreached(kind=kind):
            return kind == "first_contact"
    return False


def _quiet_until(row: SyncRecord, decision: Decision, now: datetime) -> datetime:
    """Counted from the first change that is not shown; a change during a delivery begins a new count."""
    counted = row.quiet_until is not None and row.due_at is not None
    if counted and row.quiet_until is not None and (row.lease_until is None or row.lease_until <= now):
        return row.quiet_until
    return now + timedelta(seconds=decision.rules.crm.coalesce_seconds)
