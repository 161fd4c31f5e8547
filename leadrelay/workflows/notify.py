"""Notify: claim, tell, record. Who is told, where, and what may wait, is said by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded, NoticeSent
from leadrelay.domain.facts import Metadata
from leadrelay.domain.notices.attention import heard
from leadrelay.domain.notices.notice import Notice, is_nobodys
from leadrelay.domain.notices.readers import Reader, readers
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import DIGEST, LeadRecord, NoticeRecord, ReaderRecord, lead_key, notice_key, reader_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.digests import Digests
from leadrelay.workflows.log import answering, notice_log
from leadrelay.workflows.outcome import ATTEMPTS
from leadrelay.workflows.telling import SENT, Fate, Voice

CLAIM = timedelta(seconds=90)
"""So long a worker has to tell what it claimed, before another may."""

_ENOUGH = timedelta(seconds=10)
"""What one worker may take before it leaves the other readers to the next: it must record before it is stopped."""

NOBODYS = "lead_gone"
"""The lead's record was deleted in the CRM since the notice was asked for: nobody wants to hear of it any more."""

KEPT = "kept"
"""It waits with others for whoever is to read it: their night, or a digest."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    voice: Voice
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: NoticeNeeded, metadata: Metadata) -> None:
        """Tell everybody whom the rules name, or keep it for who is left alone now. After a crash between telling and
        recording, some may hear it twice. Raises Retry when too many tell the same people at the same time."""
        if fact.notice == DIGEST:
            Digests(self.store, self.rules, self.voice, self.clock, self.telemetry)(fact, metadata)
            return
        for _ in range(ATTEMPTS):
            record = self.store.load(notice_key(metadata.lead_id or "", fact.notice_id, fact.source))
            lead = self.store.load(lead_key(metadata.lead_id)) if metadata.lead_id else None
            if record is None or record.due_at is None or _is_held(record, self.clock.now()):
                return
            if lead is None and fact.source is None:
                return
            try:
                self._answer(record, lead, metadata)
            except Conflict:
                self.telemetry.count("Conflicts", workflow="notify")
            else:
                return
        raise Retry(1, "others tell the same people at the same time")

    def _answer(self, record: NoticeRecord, lead: LeadRecord | None, metadata: Metadata) -> None:
        if lead is not None and is_nobodys(record.notice, lead.lead):
            self._record(record.with_(due_at=None, outcome=NOBODYS), metadata)
            return
        rules, at = self.rules.version(metadata.rules_version), self.clock.now()
        if lead is None:
            notice = Notice.of_source(record.needed(), rules, at, record.lines)
        else:
            notice = Notice(record.needed(), lead.lead, lead.profile, rules, at)
        claimed, now = self._claimed(record, notice)
        self._record(self._tell(claimed, notice, now), metadata)

    def _claimed(self, record: NoticeRecord, notice: Notice) -> tuple[NoticeRecord, list[Reader]]:
        """The record that keeps others away, and who is told now; what waits for the others is theirs from here on."""
        left = [each for each in readers(notice) if each.id not in (*record.sent, *record.kept)]
        known = self.store.load_all([reader_key(each.id) for each in left])
        now, kept, puts = list[Reader](), list[str](), list[Put]()
        for reader, stored in zip(left, known, strict=True):
            state = stored or ReaderRecord.of(reader)
            told, attention = heard(notice, reader, state.attention)
            now += [reader] if told else []
            kept += [] if told else [reader.id]
            puts += [] if attention == state.attention else [Put(state.attending(attention))]
        claimed = self._held(record.with_(kept=(*record.kept, *kept)))
        cause = f"claim:{record.key()}:{claimed.version}"
        self.store.commit(Change(cause=cause, puts=(Put(claimed), *puts)))
        return claimed, now

    def _held(self, record: NoticeRecord) -> NoticeRecord:
        until = self.clock.now() + CLAIM
        return record.with_(version=record.version + 1, due_at=until, lease_until=until)

    def _tell(self, record: NoticeRecord, notice: Notice, now: Sequence[Reader]) -> NoticeRecord:
        """Everybody who is told now. A channel that is away is tried again, others are not held up; for whom no time is
        left, the next worker has."""
        waits, refused = list[timedelta](), list[str]()
        for reader in now:
            late = self.clock.now() > notice.now + _ENOUGH
            fate = Fate(wait=timedelta()) if late else self.voice.tell(notice, reader)
            waits += [] if fate.wait is None else [fate.wait]
            refused += [] if fate.refused is None else [fate.refused]
            if fate == SENT:
                record = record.with_(sent=(*record.sent, reader.id))
        return record.put_off(max(waits), self.clock.now()) if waits else record.told(_outcome(record, refused))

    def _record(self, record: NoticeRecord, metadata: Metadata) -> None:
        told = record.with_(version=record.version + 1)
        fact = NoticeSent(notice_id=told.notice_id, channel=",".join(told.sent), outcome=told.outcome or "later")
        log = notice_log(told, [fact], answering(metadata, self.clock.now()))
        self.store.commit(Change(cause=f"notify:{told.version}:{metadata.fact_id}", puts=(Put(told), Put(log))))
        self.telemetry.count("Notices", outcome=fact.outcome)


def _outcome(record: NoticeRecord, refused: Sequence[str]) -> str:
    if refused:
        return refused[-1]
    return KEPT if record.kept and not record.sent else "sent"


def _is_held(record: NoticeRecord, now: datetime) -> bool:
    """Another worker is telling it: the same fact may come twice at the same time."""
    return record.lease_until is not None and record.lease_until > now
