"""What a delivery leaves behind: the sync row afterwards, and a person's choice of owner for `score` to hear."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.card.talking import TALK
from leadrelay.domain.facts import Context
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import TouchReady
from leadrelay.domain.touch import CrmRecord, Touch, Words, touch_id
from leadrelay.ports.records import SyncRecord, TouchRecord, WordsRecord
from leadrelay.ports.store import Put
from leadrelay.workflows.deliver.send import Job
from leadrelay.workflows.log import touch_log
from leadrelay.workflows.notice_row import ANSWER_WITHIN

_FROM_HERE = (
    "crm_id",
    "values",
    "shows",
    "owner",
    "owner_at",
    "status",
    "status_at",
    "status_was",
    "lists",
    "done",
    "unsure",
    "offered",
    "gave_way",
    "refused",
    "astray",
)
"""What a delivery finds out. What it did not change is taken from the newest row: others may have heard of it too."""

_MOMENT = timedelta(microseconds=1)


def after(job: Job, latest: SyncRecord, now: datetime) -> SyncRecord:
    """The sync row after this delivery, over the newest one. Shown is the card of the lead version that was read."""
    if _is_elsewhere(job, latest):
        return _kept(job, latest, now)
    progress = job.progress
    up_to_date = progress.open and job.record.version >= latest.wanted
    given_up = progress.stopped and job.record.version >= latest.wanted
    again_at = None if progress.wait is None else now + progress.wait
    found = _without_old_talks(latest.with_(**_found(job, now)), job)
    return found.with_(
        version=latest.version + 1,
        written=job.record.version if progress.open else latest.written,
        card=job.target.card.digest() if progress.open else latest.card,
        lease_until=None,
        wait_until=again_at,
        quiet_until=None if up_to_date or given_up else latest.quiet_until,
        tries=latest.tries + 1 if progress.tried and not up_to_date else 0,
        parked=found.refused[0].code if found.refused else None,
        parked_at=(latest.parked_at or now) if found.refused else None,
        planned=(),
        planned_at=None,
        **_duplicate(job, latest, now),
        due_at=_due(job, given_up) if up_to_date or given_up else again_at or max(now, latest.quiet_until or now),
    )


def _found(job: Job, now: datetime) -> dict[str, object]:
    """Until now the CRM may have shown what we replaced: so owner and status count as written only from now on."""
    before, mine = dict(job.claimed), dict(job.progress.sync)
    found = {name: mine[name] for name in _FROM_HERE if mine[name] != before[name]}
    return {**found, **{name: now for name in ("owner_at", "status_at") if name in found}}


def _due(job: Job, given_up: bool) -> datetime | None:
    """All is shown, but for a conversation that goes on."""
    return None if given_up else job.target.again_at


def _without_old_talks(sync: SyncRecord, job: Job) -> SyncRecord:
    """A conversation may last for years: of notes that the lead does not remember, nothing is kept here either."""
    shown = {note.name for note in job.target.card.notes}
    done = {op: note for op, note in sync.done.items() if op in shown or not op.startswith(TALK)}
    return sync if done == sync.done else sync.with_(done=done)


def _is_elsewhere(job: Job, latest: SyncRecord) -> bool:
    """Somebody heard meanwhile that the record was deleted, or became another."""
    return latest.crm_id != job.claimed.crm_id == job.progress.sync.crm_id


def _kept(job: Job, latest: SyncRecord, now: datetime) -> SyncRecord:
    """What is known of that other record stays; what was made on the one before is there too, unless it is gone."""
    done = latest.done if latest.crm_id is None else {**latest.done, **job.progress.sync.done}
    due_at = None if latest.due_at is None else now
    return latest.with_(version=latest.version + 1, done=done, lease_until=None, wait_until=None, due_at=due_at)


def _duplicate(job: Job, latest: SyncRecord, now: datetime) -> dict[str, object]:
    """A merged lead's record that says so is listed, until a person merges it in the CRM, or says that it is none."""
    if not job.progress.open:
        return {}
    if job.record.lead.merged_into is None:
        return {"duplicate_of": None, "duplicate_at": None}
    return {"duplicate_of": job.record.lead.merged_into, "duplicate_at": latest.duplicate_at or now}


def heard(sync: SyncRecord, owner: str, lead: Lead, context: Context) -> tuple[Put, ...]:
    """The owner whom a person chose, as a touch from the CRM. It was seen after our own choice, whatever the clocks of
    two machines say: an earlier one would be taken for what our choice replaced."""
    decided = max(filter(None, (lead.ownership.since, sync.owner_at)), default=context.at)
    at = max(context.at, decided + _MOMENT)
    crm_id = sync.crm_id or ""
    touch = Touch(
        touch_id=touch_id(sync.crm, f"owner:{crm_id}:{owner}:{sync.version}"),
        kind="crm_change",
        source=sync.crm,
        vendor=sync.crm,
        trust="verified",
        received_at=at,
        occurred_at=at,
        event="edited",
        record=CrmRecord(crm=sync.crm, kind="person", person=crm_id, record_id=crm_id, owner=owner),
    )
    record = TouchRecord(version=1, touch=touch, state="ready", due_at=context.at + ANSWER_WITHIN)
    ready = TouchReady(touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
    words = WordsRecord(version=1, touch_id=touch.touch_id, words=Words())
    return Put(record), Put(words), Put(touch_log(record, [ready], context))
