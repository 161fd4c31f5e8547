"""Claim, call, record: one worker at a time writes a lead's current card to the CRM.

The sync row is the lease. It is claimed before the CRM is called; afterwards what was achieved is recorded, and if the
lead has moved on meanwhile, the newer card is written too. So lateness, repeats and two workers are harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.facts import CardChanged
from leadrelay.domain.facts import Metadata
from leadrelay.ports.clock import Clock
from leadrelay.ports.crm import Crm
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.records import LeadRecord, LogRecord, MapRecord, SyncRecord, lead_key, map_key, sync_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.deliver.progress import DIED, Progress
from leadrelay.workflows.deliver.send import send
from leadrelay.workflows.log import answering, sync_log
from leadrelay.workflows.outcome import ATTEMPTS

LEASE = timedelta(seconds=90)
"""Longer than a function lives; a worker that died is replaced after it."""

_WHEN_MISCONFIGURED = timedelta(minutes=5)
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Deliver:
    """The workflow with its ports; `crm` gives the CRM by vendor, made when first asked."""

    store: Store
    rules: Rules
    crm: Callable[[str], Crm]
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: CardChanged, metadata: Metadata) -> None:
        """Bring the CRM up to date with the lead as it is now, whatever version the fact was about."""
        vendor = self.rules.version(metadata.rules_version).crm.vendor
        for _ in range(_ROUNDS):
            sync = self._claim(metadata.lead_id or "", vendor)
            if sync is None or not self._round(sync, metadata):
                return

    def _claim(self, lead_id: str, vendor: str) -> SyncRecord | None:
        """The sync row, ours for a minute; None when nothing is to be done or another worker does it."""
        now = self.clock.now()
        sync = self.store.load(sync_key(lead_id, vendor))
        if sync is None or sync.due_at is None or _is_held(sync, now):
            return None
        claimed = sync.with_(
            version=sync.version + 1, lease_until=now + LEASE, due_at=now + LEASE, unsure=_unsure(sync)
        )
        try:
            self.store.commit(Change(cause=f"claim:{claimed.key()}:{claimed.version}", puts=(Put(claimed),)))
        except Conflict:
            return None
        return claimed

    def _round(self, sync: SyncRecord, metadata: Metadata) -> bool:
        """One delivery; True when the lead has moved on and another round is due at once."""
        record = self.store.load(lead_key(sync.lead_id))
        progress = Progress(sync, lambda crm_id: self._is_foreign(crm_id, sync))
        if record is not None and record.lead.merged_into is None and record.lead.card is not None:
            self._send(record, progress)
        return self._record(progress, record, metadata)

    def _is_foreign(self, crm_id: str, sync: SyncRecord) -> bool:
        """People share addresses (info@): another lead's record is never taken over, an alias's is."""
        mapped = self.store.load(map_key(sync.crm, crm_id))
        theirs = None if mapped is None else self.store.load(lead_key(mapped.lead_id))
        return theirs is not None and sync.lead_id not in (theirs.lead.lead_id, theirs.lead.merged_into)

    def _send(self, record: LeadRecord, progress: Progress) -> None:
        """The newest card by the rules that asked for it, even when an older fact brings us here."""
        rules = self.rules.version(progress.sync.rules_version)
        card = card_of(record.lead, record.profile, rules)
        try:
            send(card, progress, self.crm(progress.sync.crm), rules)
        except Retry as later:
            progress.put_off(timedelta(seconds=later.after))
        except (Misconfigured, Reject) as wrong:
            self.telemetry.count("Misconfigured", crm=progress.sync.crm)
            self.telemetry.line("deliver_misconfigured", lead_id=record.lead.lead_id, error=str(wrong))
            progress.put_off(_WHEN_MISCONFIGURED)

    def _record(self, progress: Progress, record: LeadRecord | None, metadata: Metadata) -> bool:
        """Record what was achieved over the newest sync row: decisions may have asked for more meanwhile."""
        for _ in range(ATTEMPTS):
            latest = self.store.load(progress.sync.key())
            if latest is None:
                return False
            after = _after(progress, latest, record, self.clock.now())
            log = sync_log(after, progress.facts(), answering(metadata, self.clock.now()))
            try:
                self.store.commit(
                    Change(cause=f"deliver:{after.version}:{metadata.fact_id}", puts=self._puts(after, log))
                )
            except Conflict:
                continue
            self._tell(after, progress)
            return after.due_at is not None and after.due_at <= self.clock.now()
        raise Retry(1, "the sync row is being changed by others")

    def _puts(self, after: SyncRecord, log: LogRecord) -> tuple[Put, ...]:
        puts = [Put(after)]
        if log.facts:
            puts.append(Put(log))
        if after.crm_id is not None and self.store.load(map_key(after.crm, after.crm_id)) is None:
            puts.append(Put(MapRecord(version=1, crm=after.crm, crm_id=after.crm_id, lead_id=after.lead_id)))
        return tuple(puts)

    def _tell(self, after: SyncRecord, progress: Progress) -> None:
        outcome = "refused" if progress.refusals else "later" if progress.wait is not None else "synced"
        self.telemetry.count("Deliveries", crm=after.crm, outcome=outcome)
        self.telemetry.line("card_delivered", lead_id=after.lead_id, crm_id=after.crm_id, outcome=outcome)


def _unsure(sync: SyncRecord) -> tuple[str, ...]:
    """A lease that was never given back: its worker died, and nobody knows how far it came."""
    return sync.unsure if sync.lease_until is None else tuple(sorted({*sync.unsure, DIED}))


def _is_held(sync: SyncRecord, now: datetime) -> bool:
    """Another worker has it, or the CRM asked to wait."""
    return any(until is not None and until > now for until in (sync.lease_until, sync.wait_until))


def _after(progress: Progress, latest: SyncRecord, record: LeadRecord | None, now: datetime) -> SyncRecord:
    """The sync row after this delivery. Shown is the card of the lead version that was read."""
    shown = 0 if record is None else record.version
    up_to_date = progress.open and shown >= latest.wanted
    refused = bool(progress.refusals)
    again_at = None if progress.wait is None else now + progress.wait
    return latest.with_(
        version=latest.version + 1,
        crm_id=progress.sync.crm_id,
        values=progress.sync.values,
        owner=progress.sync.owner,
        done=progress.sync.done,
        unsure=progress.sync.unsure,
        written=shown if progress.open else latest.written,
        card=record.lead.card if record is not None and progress.open else latest.card,
        lease_until=None,
        wait_until=again_at,
        tries=0 if progress.open else latest.tries + 1,
        parked=progress.refusals[0].code if refused else None,
        parked_at=now if refused else None,
        due_at=None if up_to_date or refused else (again_at or now),
    )
