"""What a delivery would write: for `mode: plan`, for leads in shadow, and for people who want to see it first."""

from __future__ import annotations

from collections.abc import Sequence

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import PutNote, PutTask, SetMembership, UpsertPerson, WriteOp
from leadrelay.ports.records import LeadRecord, SyncRecord
from leadrelay.workflows.deliver.diff import memberships, notes, person, target, task


def is_sent(lead: Lead, policy: CrmPolicy) -> bool:
    """Whether this lead's card goes to the CRM, or is only computed."""
    return policy.mode == "live" and (lead.live or lead.erased_at is not None)


def would_write(record: LeadRecord, sync: SyncRecord, rules: Rules) -> list[WriteOp]:
    """Every operation that a delivery of the lead's present card would send, with its values, in order. A person who is
    not in the CRM yet has no id there: operations on the record carry an empty one."""
    to = target(record, rules, sync.crm, card_of(record.lead, record.profile, rules))
    first = person(to, sync)
    if first is None and sync.crm_id is None:
        return []
    after = (*memberships(to, sync), task(to, sync), *notes(to, sync))
    return [op for op in (first, *after) if op is not None]


def names(ops: Sequence[WriteOp]) -> tuple[str, ...]:
    """What they would change: the person's fields, `list`, `task`, `note`; no values."""
    found: set[str] = set()
    for op in ops:
        match op:
            case UpsertPerson(fields=fields):
                found |= {write.name for write in fields}
            case SetMembership():
                found.add("list")
            case PutTask():
                found.add("task")
            case PutNote():
                found.add("note")
    return tuple(sorted(found))
