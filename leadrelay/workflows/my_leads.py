"""A rep's leads by urgency: who to call next, by when, and what was promised. Names are for who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from leadrelay.domain.clocks.clock import PROMPTS, Clock
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.profile import Profile
from leadrelay.ports.records import LeadRecord, SyncRecord, sync_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Store

MOST = 200
"""Leads on the page: who has more works the first of them."""

_BATCH = 1_000
"""Leads of a rep that are looked at, those longest theirs first."""


class MyLead(Model):
    """One line of a rep's page; times are UTC. `clock` is the kind of the promise that is due next, at `due_at`, and
    `late` whether that is over. `who`, `company` and `phone` are personal; empty where nobody said them, and
    the number also where they refuse calls. `intent` is what they asked for last."""

    lead_id: str
    who: str
    company: str
    phone: str
    intent: str | None
    score: int
    stage: str
    status: str
    hot: bool
    source: str | None
    since: Instant | None
    clock: str | None
    due_at: Instant | None
    late: bool
    step: str | None
    step_due_at: Instant | None
    crm_url: str | None


@dataclass(frozen=True, slots=True)
class MyLeads:
    """The rep's page with its ports."""

    store: Store
    rules: Rules

    def __call__(self, rep: str, now: datetime) -> tuple[MyLead, ...]:
        """The rep's open leads: overdue promises first (the oldest ahead), then by what is due next, hot ones before
        others that are due at the same time; at most 200. Raises Retry when the table is away."""
        records = [each for each in self._theirs(rep) if not each.lead.rests and each.lead.decided]
        first = sorted(records, key=lambda each: _urgency(each.lead, now))[:MOST]
        shown = self._in_crm([each.lead.lead_id for each in first])
        return tuple(_line(each, shown.get(each.lead.lead_id), now) for each in first)

    def _theirs(self, rep: str) -> Iterator[LeadRecord]:
        """The list is an index and may lag: the record itself says whose it is."""
        keys = self.store.listed(f"OWNER#{rep}", _BATCH)
        for record in self.store.load_all(keys) if keys else ():
            if isinstance(record, LeadRecord) and record.lead.ownership.rep == rep and record.lead.erased_at is None:
                yield record

    def _in_crm(self, lead_ids: list[str]) -> dict[str, str]:
        """Lead -> the address of its record, for those that have one."""
        crm = self.rules.current().crm
        if crm.record_url is None or not lead_ids:
            return {}
        found = self.store.load_all([sync_key(each, crm.vendor) for each in lead_ids])
        return {each.lead_id: crm_address(crm.record_url, each) for each in found if each is not None and each.crm_id}


def crm_address(template: str, sync: SyncRecord) -> str:
    """Where the record is looked at."""
    return template.replace("{id}", quote(sync.crm_id or "", safe=""))


def _line(record: LeadRecord, crm_url: str | None, now: datetime) -> MyLead:
    lead, clock = record.lead, _next(record.lead)
    return MyLead(
        lead_id=lead.lead_id,
        who=name_of(record.profile),
        company=record.profile.text("account.name") or "",
        phone=(record.profile.text("lead.phone") or "") if lead.permission.may_call else "",
        intent=lead.last.intent if lead.last is not None else None,
        score=lead.score.total,
        stage=lead.stage,
        status=lead.status,
        hot=lead.temperature == "hot",
        source=lead.last.source if lead.last is not None else None,
        since=lead.ownership.since,
        clock=None if clock is None else clock.kind,
        due_at=None if clock is None else clock.due_at,
        late=_is_late(clock, now),
        step=None if lead.next_step is None else lead.next_step.what,
        step_due_at=None if lead.next_step is None else lead.next_step.due_at,
        crm_url=crm_url,
    )


def name_of(profile: Profile) -> str:
    """First and last name, else what they are called at all."""
    parts = (profile.text(name) for name in ("lead.first_name", "lead.last_name"))
    return " ".join(filter(None, parts)) or profile.text("lead.email") or profile.text("lead.phone") or ""


def _next(lead: Lead) -> Clock | None:
    """The promise that is due first, those that call for something to do before those that only measure; one that was
    broken is still owed."""
    owed = [clock for clock in lead.clocks if clock.pause is None]
    return min(owed, key=lambda clock: (clock.kind not in PROMPTS, clock.due_at), default=None)


def _is_late(clock: Clock | None, now: datetime) -> bool:
    return clock is not None and (clock.breached_at is not None or clock.over_at < now)


def _urgency(lead: Lead, now: datetime) -> tuple[bool, float, bool, int]:
    clock = _next(lead)
    due = float("inf") if clock is None else clock.due_at.timestamp()
    return not _is_late(clock, now), due, lead.temperature != "hot", -lead.score.total
