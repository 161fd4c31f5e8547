"""Claim, call, record: one worker at a time writes a lead's current card to the CRM, many leads in one call.

The sync row is the lease. It is claimed before the CRM is called; afterwards what was achieved is recorded, and if the
lead has moved on meanwhile, the newer card is written too. So lateness, repeats and two workers are harmless. Each lead
is claimed and recorded by itself: one lead's trouble is no other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from leadrelay.domain.card.facts import CardChanged
from leadrelay.domain.facts import Metadata
from leadrelay.ports.clock import Clock
from leadrelay.ports.crm import Crm, Meter
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LogRecord, MapRecord, SyncRecord, lead_key, map_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.deliver.account import Account
from leadrelay.workflows.deliver.claim import Claim
from leadrelay.workflows.deliver.record import after, heard
from leadrelay.workflows.deliver.send import Desk, Job
from leadrelay.workflows.log import answering, sync_log
from leadrelay.workflows.outcome import ATTEMPTS

K = TypeVar("K")

_ROUNDS = 3

Asked = tuple[CardChanged, Metadata]


@dataclass(frozen=True, slots=True)
class Deliver:
    """The workflow with its ports; `crm` gives the CRM by vendor, made when first asked, with the meter that it asks
    before each request."""

    store: Store
    rules: Rules
    crm: Callable[[str, Meter], Crm]
    clock: Clock
    telemetry: Telemetry
    _accounts: dict[str, Account] = field(default_factory=dict, init=False)

    def __call__(self, batch: Sequence[Asked]) -> Mapping[int, Exception]:
        """Bring the CRM up to date with the leads as they are now, whatever versions the facts were about. Returns what
        went wrong, by the position of the fact. Raises Retry when the rules cannot be read."""
        failed: dict[int, Exception] = {}
        asked: dict[tuple[str, str], list[int]] = {}
        for number, (_, metadata) in enumerate(batch):
            with _noted(failed, number):
                vendor = self.rules.version(metadata.rules_version).crm.vendor
                asked.setdefault((vendor, metadata.lead_id or ""), []).append(number)
        for vendor in sorted({vendor for vendor, _ in asked}):
            leads = {lead: batch[places[0]][1] for (crm, lead), places in asked.items() if crm == vendor}
            for lead, error in self._deliver(vendor, leads).items():
                failed |= dict.fromkeys(asked[vendor, lead], error)
        return failed

    def _deliver(self, crm: str, leads: dict[str, Metadata]) -> dict[str, Exception]:
        """Round after round, for as long as leads move on meanwhile."""
        failed: dict[str, Exception] = {}
        for _ in range(_ROUNDS):
            account, policy = self._account(crm), self.rules.current().crm
            account.budget = policy.budget
            claim = Claim(self.store, self.rules, self.clock, account, policy)
            jobs: list[Job] = []
            for lead_id, metadata in leads.items():
                with _noted(failed, lead_id):
                    job = claim(lead_id, metadata)
                    jobs += [] if job is None else [job]
            self._send(account, jobs)
            leads = {}
            for job in jobs:
                with _noted(failed, job.claimed.lead_id):
                    if self._record(job):
                        leads[job.claimed.lead_id] = job.metadata
        return failed

    def _account(self, crm: str) -> Account:
        if crm not in self._accounts:
            self._accounts[crm] = Account(self.store, crm, self.clock)
        return self._accounts[crm]

    def _send(self, account: Account, jobs: Sequence[Job]) -> None:
        """What is urgent first; the rest may not use the last of our share."""
        desk = Desk(lambda: self.crm(account.crm, account.meter))
        for urgent in (True, False):
            account.urgent = urgent
            desk.send([job for job in jobs if (job.claimed.quiet_until is None) == urgent])
        if desk.wrong is not None:
            self.telemetry.count("Misconfigured", crm=account.crm)
            self.telemetry.line("deliver_misconfigured", crm=account.crm, error=str(desk.wrong))
        self._tell_all(account, desk)

    def _tell_all(self, account: Account, desk: Desk) -> None:
        """What the other workers should know of the account. If they cannot be told they find out by themselves."""
        try:
            if desk.blocked is not None:
                self.telemetry.count("CrmBlocked", crm=account.crm, scope=desk.blocked[0])
                account.blocked(*desk.blocked)
            elif desk.answered:
                account.answered()
        except Retry as away:
            self.telemetry.line("account_not_told", crm=account.crm, why=away.why)

    def _record(self, job: Job) -> bool:
        """Record what was achieved over the newest sync row: decisions may have asked for more meanwhile. True when
        another round is due at once."""
        for _ in range(ATTEMPTS):
            latest = self.store.load(job.claimed.key())
            if latest is None:
                return False
            now = self.clock.now()
            done = after(job, latest, now)
            try:
                self.store.commit(Change(cause=self._cause(job, done), puts=tuple(self._puts(job, done))))
            except Conflict:
                continue
            self._tell(done, job)
            return done.due_at is not None and done.due_at <= now
        raise Retry(1, "the sync row is being changed by others")

    @staticmethod
    def _cause(job: Job, done: SyncRecord) -> str:
        return f"deliver:{done.version}:{job.metadata.fact_id}"

    def _puts(self, job: Job, done: SyncRecord) -> Iterator[Put]:
        yield Put(done)
        context = answering(job.metadata, self.clock.now())
        log: LogRecord = sync_log(done, job.progress.facts(), context)
        if log.facts:
            yield Put(log)
        is_new = done.crm_id is not None and done.crm_id != job.claimed.crm_id
        if is_new:
            yield from self._mapped(done.crm, done.crm_id or "", done.lead_id)
        if job.progress.chosen is not None:
            yield from heard(done, job.progress.chosen, job.record.lead, context)

    def _mapped(self, crm: str, crm_id: str, lead_id: str) -> Iterator[Put]:
        """The record is this lead's, unless it is known as somebody's who was not erased."""
        known = self.store.load(map_key(crm, crm_id)) or MapRecord(crm=crm, crm_id=crm_id, lead_id="")
        theirs = self.store.load(lead_key(known.lead_id))
        if theirs is None or theirs.lead.erased_at is not None:
            yield Put(known.with_(version=known.version + 1, lead_id=lead_id, erased_lead=known.lead_id or None))

    def _tell(self, done: SyncRecord, job: Job) -> None:
        progress = job.progress
        outcome = "refused" if progress.stopped else "later" if progress.wait is not None else "synced"
        self.telemetry.count("Deliveries", crm=done.crm, outcome=outcome)
        self.telemetry.line("card_delivered", lead_id=done.lead_id, crm_id=done.crm_id, outcome=outcome)
        if progress.error is not None:
            self.telemetry.line("deliver_defect", lead_id=done.lead_id, error=type(progress.error).__name__)


@contextmanager
def _noted(failed: dict[K, Exception], name: K) -> Iterator[None]:
    """What goes wrong inside is noted under this name, and hurts nobody else."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this lead's
        failed[name] = error
