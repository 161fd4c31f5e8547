"""Sending the cards of a batch, each kind of operation together: people first, then lists, tasks and notes.

Whatever happens to one lead is noted at that lead alone. An unknown outcome is looked up before it is sent again. After
a worker died or a connector broke, each lead of that batch is sent by itself: what broke it breaks only itself now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from leadrelay.domain.card.card import digest
from leadrelay.domain.card.circuit import ACCOUNT_WIDE
from leadrelay.domain.facts import Metadata
from leadrelay.ports.crm import OWNER, Crm, RetryLater, Scope, Unknown, WriteOp, WriteResult
from leadrelay.ports.errors import Misconfigured, PortError, Retry
from leadrelay.ports.records import LeadRecord, SyncRecord
from leadrelay.workflows.deliver.diff import Target, created, is_unknown, memberships, notes, person, task, task_seen
from leadrelay.workflows.deliver.progress import BROKE, DIED, Progress

_WHEN_MISCONFIGURED = timedelta(minutes=5)


@dataclass
class Job:
    """One lead's delivery: `claimed` is the sync row as it was when this worker took it."""

    claimed: SyncRecord
    record: LeadRecord
    target: Target
    progress: Progress
    metadata: Metadata

    @property
    def doubtful(self) -> bool:
        """Whether an earlier delivery left anything unknown."""
        return is_unknown(self.claimed.unsure)

    @property
    def alone(self) -> bool:
        """Whether an earlier delivery broke, perhaps on this lead."""
        return not {DIED, BROKE}.isdisjoint(self.claimed.unsure)


Work = tuple[Job, WriteOp]


@dataclass
class Desk:
    """The CRM for one batch. `blocked` is what keeps the whole account from being called, `answered` whether it gave
    any answer at all, `wrong` what a person must mend."""

    crm: Callable[[], Crm]
    blocked: tuple[str, timedelta] | None = None
    answered: bool = False
    wrong: PortError | None = None

    def send(self, jobs: Sequence[Job]) -> None:
        """Carry the cards to the CRM as far as they go now. Never raises for one lead."""
        self._write(_planned(jobs, _person))
        here = [job for job in jobs if job.progress.sync.crm_id is not None]
        for job in here:
            self._look_up(job)
        self._write(_planned(here, _lists))
        for job in here:
            if job.progress.open:
                job.progress.listed()
        for stage in (_task, _notes):
            self._write(_planned(here, stage))
        for job in here:
            _remember_task(job)

    def _write(self, work: Sequence[Work]) -> None:
        """One call for all leads but those that are sent by themselves."""
        self._together([each for each in work if not each[0].alone])
        for each in work:
            if each[0].alone:
                self._together([each])

    def _together(self, work: Sequence[Work]) -> None:
        ready = [each for each in work if each[0].progress.open]
        if not ready or self._is_blocked(job for job, _ in ready):
            return
        for (job, op), result in zip(ready, self._results(ready), strict=True):
            job.progress.note(op, result)
            self._heard(result)

    def _results(self, work: Sequence[Work]) -> Sequence[WriteResult]:
        """A connector that breaks leaves everything it was given unknown."""
        ops = [op for _, op in work]
        try:
            return self.crm().write(ops)
        except PortError as trouble:
            after = self._trouble(trouble).total_seconds()
            scope: Scope = "outage" if isinstance(trouble, Retry) else "auth"
            return [RetryLater(op.op_id, after, scope) for op in ops]
        except Exception as error:  # noqa: BLE001 - a defect that one lead's values bring out must not hold up the others
            for job, op in work:
                if job.alone:
                    job.progress.broke(type(op).__name__, error)
                else:
                    job.progress.broke_together(op, error)
            return [Unknown(op.op_id) for op in ops]

    def _look_up(self, job: Job) -> None:
        """Before anything is created a second time: which of it is there already? Upserts need no such question."""
        progress = job.progress
        sync = progress.sync
        if not is_unknown(sync.unsure) or not progress.open or sync.crm_id is None or self._is_blocked([job]):
            return
        try:
            marks = self.crm().find_marked(sync.crm_id, created(job.target, sync))
        except PortError as trouble:
            progress.put_off(self._trouble(trouble))
            return
        except Exception as error:  # noqa: BLE001 - a person must look, and the others go on
            progress.broke("find_marked", error)
            return
        for marked in marks:
            progress.found(marked.op_id, marked.crm_id)
        progress.sure(job.target.every)
        self.answered = True

    def _is_blocked(self, jobs: Iterable[Job]) -> bool:
        """Once the account is blocked nothing more is sent: each call would only cost another refusal."""
        if self.blocked is None:
            return False
        for job in jobs:
            job.progress.put_off(self.blocked[1])
        return True

    def _heard(self, result: WriteResult) -> None:
        match result:
            case RetryLater(after=after, scope=scope) if scope in ACCOUNT_WIDE:
                self._block(scope, timedelta(seconds=after))
            case RetryLater() | Unknown():
                pass
            case _:
                self.answered = True

    def _trouble(self, trouble: PortError) -> timedelta:
        """How long to wait after an error."""
        if isinstance(trouble, Retry):
            pause = timedelta(seconds=trouble.after)
            if trouble.scope in ACCOUNT_WIDE:
                self._block(trouble.scope, pause)
            return pause
        self.wrong = trouble
        if isinstance(trouble, Misconfigured):
            self._block("auth", _WHEN_MISCONFIGURED)
        return _WHEN_MISCONFIGURED

    def _block(self, scope: str, after: timedelta) -> None:
        if self.blocked is None or after > self.blocked[1]:
            self.blocked = (scope, after)


def _planned(jobs: Sequence[Job], stage: Callable[[Job], Sequence[WriteOp]]) -> list[Work]:
    """What is to be sent for each lead that can go on. A defect in one lead's card is that lead's."""
    work: list[Work] = []
    for job in jobs:
        if job.progress.open:
            try:
                work += [(job, op) for op in stage(job)]
            except Exception as error:  # noqa: BLE001 - a person must look, and the others go on
                job.progress.broke(stage.__name__.strip("_"), error)
    return work


def _person(job: Job) -> Sequence[WriteOp]:
    """First of all, what is not known any more, and what need not be refused any more: the value is another, or a whole
    operation is tried again."""
    progress, fields = job.progress, job.target.card.fields
    if job.doubtful:
        progress.doubt(fields)
    now = {**fields, OWNER: job.target.owner}
    still = (each for each in progress.sync.refused if each.value is not None)
    kept = tuple(each for each in still if each.value == digest(now.get(each.what)))
    progress.sync = progress.sync.with_(refused=kept)
    op = person(job.target, progress.sync)
    return [] if op is None else [op]


def _lists(job: Job) -> Sequence[WriteOp]:
    return memberships(job.target, job.progress.sync)


def _task(job: Job) -> Sequence[WriteOp]:
    op = task(job.target, job.progress.sync)
    return [] if op is None else [op]


def _notes(job: Job) -> Sequence[WriteOp]:
    return notes(job.target, job.progress.sync)


def _remember_task(job: Job) -> None:
    progress = job.progress
    if progress.open or "task" in progress.fields:
        seen = {**progress.sync.values, **task_seen(job.target, progress.sync)}
        progress.sync = progress.sync.with_(values=seen)
