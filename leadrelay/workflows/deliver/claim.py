"""Whether a lead is to be delivered now, and by us: everything that is settled before the CRM is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.crm.adopt import HEARD, is_owner, offer
from leadrelay.domain.facts import Metadata
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import LeadRecord, SyncRecord, lead_key, map_key, sync_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.deliver.account import Account
from leadrelay.workflows.deliver.conversation import written_out
from leadrelay.workflows.deliver.diff import MOVED, Target, is_unknown, owner_due, target
from leadrelay.workflows.deliver.inherit import Busy, inherited, rows_of
from leadrelay.workflows.deliver.plan import is_sent, names, would_write
from leadrelay.workflows.deliver.progress import DIED, Progress
from leadrelay.workflows.deliver.send import Job

LEASE = timedelta(seconds=90)
"""Longer than a function lives; a worker that died is replaced after it."""

_WHEN_BUSY = timedelta(seconds=10)


@dataclass
class Claim:
    """Takes leads for one round of one CRM. `policy` is the present one: switched to plan mode, everything stops."""

    store: Store
    rules: Rules
    clock: Clock
    account: Account
    policy: CrmPolicy
    _knocked: bool = field(default=False, init=False)
    _shut: timedelta | None = field(default=None, init=False)

    def __call__(self, lead_id: str, metadata: Metadata) -> Job | None:
        """The delivery, ours for as long as a function lives; None when nothing is to be sent, not yet, or by another
        worker. Raises Retry from the store and from the rules."""
        now = self.clock.now()
        sync = self.store.load(sync_key(lead_id, self.account.crm))
        if sync is None or sync.due_at is None or _is_left_alone(sync, now):
            return None
        record = self.store.load(lead_key(lead_id))
        if record is None or self._is_settled(sync, record, now):
            return None
        shut = self._knock()
        if shut is not None:
            self._put_off(sync, now + shut)
            return None
        return self._take(sync, record, metadata, now)

    def _is_settled(self, sync: SyncRecord, record: LeadRecord, now: datetime) -> bool:
        """Whether this needs no call: a lead without a card, one that is only planned, one that became another, or one
        that was erased before the CRM heard of it."""
        nowhere = record.lead.erased_at is not None and sync.crm_id is None and not sync.pending
        if record.lead.card is None or nowhere:
            return self._settle(sync, record)
        if record.lead.merged_into is not None:
            return self._is_gone_over(sync, record, record.lead.merged_into)
        if is_sent(record.lead, self.policy):
            return False
        ops = would_write(record, sync, self.rules.version(sync.rules_version))
        planned = {"planned": names(ops), "planned_at": sync.planned_at or now}
        self._commit(sync.with_(version=sync.version + 1, due_at=None, quiet_until=None, tries=0, **planned))
        return True

    def _is_gone_over(self, sync: SyncRecord, record: LeadRecord, winner_id: str) -> bool:
        """A merged lead that shows nowhere, or in the winner's own record, has nothing to say. Whether the winner takes
        this record over is the winner's to decide: until it is there, the sweep asks again."""
        winner = self.store.load(sync_key(winner_id, sync.crm))
        if sync.crm_id is None and not sync.pending:
            return self._settle(sync, record)
        if winner is None or (winner.due_at is not None and None in (winner.crm_id, sync.crm_id)):
            return True
        if sync.crm_id is not None and winner.crm_id == sync.crm_id:
            return self._settle(sync, record)
        return not is_sent(record.lead, self.policy)

    def _settle(self, sync: SyncRecord, record: LeadRecord) -> bool:
        """All that is to be shown is shown."""
        shown = {"written": record.version, "card": record.lead.card}
        self._commit(sync.with_(version=sync.version + 1, due_at=None, quiet_until=None, **shown))
        return True

    def _knock(self) -> timedelta | None:
        if not self._knocked:
            self._shut, self._knocked = self.account.knock(), True
        return self._shut

    def _take(self, sync: SyncRecord, record: LeadRecord, metadata: Metadata, now: datetime) -> Job | None:
        settled = sync.crm_id is not None and not sync.pending
        theirs = [] if settled else rows_of(record.lead.absorbed, sync.crm, self.store)
        try:
            mine, others = inherited(sync, theirs, self.store, now)
        except Busy:
            self._put_off(sync, now + _WHEN_BUSY)
            return None
        mine = self._as_shown(mine)
        rules = self.rules.version(sync.rules_version)
        card = card_of(record.lead, record.profile, rules)
        to = written_out(target(record, rules, sync.crm, card), record, mine, rules, self.store, now)
        claimed = mine.with_(
            version=sync.version + 1,
            lease_until=now + LEASE,
            due_at=now + LEASE,
            unsure=_unsure(mine),
            offered=_offered(mine, theirs, to),
        )
        if not self._commit(claimed, *others):
            return None
        hop, merged = record.lead.ownership.hop, to.merged
        progress = Progress(claimed, lambda crm_id: self._is_foreign(crm_id, claimed), now, hop, merged)
        return Job(claimed, record, to, progress, metadata)

    def _as_shown(self, sync: SyncRecord) -> SyncRecord:
        """A record that showed another lead, which has become this one or was erased, still shows the owner whom that
        lead had, until we write there: from then on what is found out there counts, so this is taken over once."""
        mapped = self.store.load(map_key(sync.crm, sync.crm_id or "")) if MOVED in sync.unsure else None
        if mapped is None:
            return sync
        before = mapped.erased_lead if mapped.lead_id == sync.lead_id else mapped.lead_id
        theirs = None if before is None else self.store.load(sync_key(before, sync.crm))
        if theirs is None or theirs.owner is None or theirs.owner in sync.offered:
            return sync
        return sync.with_(owner=theirs.owner, offered=(*sync.offered, theirs.owner))

    def _is_foreign(self, crm_id: str, sync: SyncRecord) -> bool:
        """People share addresses (info@): another lead's record is never taken over. An alias's is, and that of
        somebody who was erased, which nobody has deleted in the CRM yet."""
        mapped = self.store.load(map_key(sync.crm, crm_id))
        theirs = None if mapped is None else self.store.load(lead_key(mapped.lead_id))
        if theirs is None or theirs.lead.erased_at is not None:
            return False
        return sync.lead_id not in (theirs.lead.lead_id, theirs.lead.merged_into)

    def _put_off(self, sync: SyncRecord, until: datetime) -> None:
        """It was answered, with "later": no try is counted, and it is due just then."""
        if sync.due_at != until:
            self._commit(sync.with_(version=sync.version + 1, due_at=until, tries=0))

    def _commit(self, sync: SyncRecord, *others: Put) -> bool:
        """False when somebody else was first: then it is theirs, or the sweep asks again."""
        try:
            self.store.commit(Change(cause=f"claim:{sync.key()}:{sync.version}", puts=(Put(sync), *others)))
        except Conflict:
            return False
        return True


def _unsure(sync: SyncRecord) -> tuple[str, ...]:
    """A lease that was never given back: its worker died, and nobody knows how far it came."""
    return sync.unsure if sync.lease_until is None else tuple(sorted({*sync.unsure, DIED}))


def _offered(sync: SyncRecord, theirs: Sequence[SyncRecord], to: Target) -> tuple[str, ...]:
    """What may show because we wrote it, whatever becomes of this delivery: owners, and what is heard as a person's
    word."""
    mine = sync.offered if sync.pending or to.merged else _not_written_over(sync)
    others = (row for row in theirs if _may_still_show(row, sync))
    before = (*mine, *(each for row in others for each in row.offered))
    owner = (to.owner,) if to.owner is not None and owner_due(to, sync) else ()
    fields = (offer(name, value) for name in HEARD if (value := to.card.fields.get(name)) is not None)
    return tuple(sorted({*before, *owner, *fields}))


def _not_written_over(sync: SyncRecord) -> Iterable[str]:
    """Owners whom the record may show since nobody knows when: no other was written there afterwards."""
    owners = [each for each in sync.offered if is_owner(each)]
    return () if sync.owner in owners else owners


def _may_still_show(row: SyncRecord, sync: SyncRecord) -> bool:
    """Whether this record may show what was written for a lead that became this one: nobody knows into which record
    that went, or it was this one, and not all of it is known to be written over."""
    if row.crm_id is None:
        return row.pending
    return row.crm_id == sync.crm_id and is_unknown(sync.unsure)


def _is_left_alone(sync: SyncRecord, now: datetime) -> bool:
    """Another worker has it, the CRM asked to wait, or more changes are collected first."""
    return is_held(sync, now) or (sync.quiet_until is not None and sync.quiet_until > now)


def is_held(sync: SyncRecord, now: datetime) -> bool:
    """Another worker has it, or the CRM asked to wait."""
    return any(until is not None and until > now for until in (sync.lease_until, sync.wait_until))
