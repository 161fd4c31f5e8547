"""What waits for a reader is told: claim, tell, record, as with every notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded, NoticeSent
from leadrelay.domain.facts import Metadata
from leadrelay.domain.notices.attention import Kept, quiet_until
from leadrelay.domain.notices.digest import by_lead, still_true
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.readers import reader_of
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import DIGEST, LeadRecord, NoticeRecord, ReaderRecord, lead_key, notice_key, reader_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import answering, reader_log
from leadrelay.workflows.outcome import ATTEMPTS
from leadrelay.workflows.telling import Fate, Voice

CLAIM = timedelta(seconds=90)
"""So long a worker has to tell what it claimed, before another may."""

_REST = timedelta(minutes=1)
"""What one message does not hold comes so much later."""

_TOGETHER = 50
"""Notices that are handed back in one transaction."""

_NOTHING = Fate(refused="moved_on")
"""By the time it could be told, nothing of it was so any more."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    voice: Voice
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: NoticeNeeded, metadata: Metadata) -> None:
        """Tell one reader what waits for them, if the sweep asked for it. After a crash between telling and recording
        they may hear it twice. Raises Conflict when somebody else has changed the record meanwhile."""
        now = self.clock.now()
        record = self.store.load(reader_key(fact.notice_id))
        if record is None or not record.asked or record.is_held(now):
            return
        rules = self.rules.version(metadata.rules_version)
        rep = None if record.rep is None else rules.team.rep(record.rep)
        morning = quiet_until(rep, rules, now)
        if morning is not None and not any(each.at_night for each in record.attention.kept):
            self._put(record.due_again(morning), "wait")
        elif record.channel not in rules.notices.channels or _has_left(record, rules):
            self._give_up(record)
        else:
            claimed = record.claimed(now + CLAIM)
            self._put(claimed, "claim")
            self._tell(claimed, rules, metadata)

    def _put(self, record: ReaderRecord, what: str, *more: NoticeRecord) -> None:
        puts = (Put(record), *(Put(notice) for notice in more))
        self.store.commit(Change(cause=f"{what}:{record.key()}:{record.version}", puts=puts))

    def _give_up(self, record: ReaderRecord) -> None:
        """Nobody reads there any more: each notice is told anew, to whom the rules name by now."""
        now, kept = self.clock.now(), record.attention.kept[:_TOGETHER]
        found = self.store.load_all(
            [notice_key(each.lead_id, each.needed.notice_id, each.needed.source) for each in kept]
        )
        anew = [notice.kept_by_nobody(record.reader, now) for notice in found if notice is not None]
        self._put(record.without([each.key for each in kept], now, _REST), "give up", *anew)

    def _tell(self, claimed: ReaderRecord, rules: RuleSet, metadata: Metadata) -> None:
        """As many leads as one message holds; the rest comes with the next."""
        kept, now = claimed.attention.kept, self.clock.now()
        found = self.store.load_all([lead_key(each.lead_id) for each in kept])
        told_of = [_notice(one, lead, rules, now) for one, lead in zip(kept, found, strict=True)]
        notices = [notice for notice in told_of if notice is not None]
        true = by_lead([notice for notice in notices if still_true(notice, claimed.rep)])
        told, rest = true[: rules.notices.digest_leads], true[rules.notices.digest_leads :]
        later = {notice.about for notice in rest}
        done = [
            one.key for one, notice in zip(kept, told_of, strict=True) if notice is None or notice.about not in later
        ]
        self._record(claimed, done, self._said(claimed, told) if told else _NOTHING, metadata)

    def _said(self, claimed: ReaderRecord, notices: Sequence[Notice]) -> Fate:
        """One alone is told as if it had not waited."""
        reader = reader_of(claimed.channel, claimed.rep, notices)
        if len(notices) == 1:
            return self.voice.tell(notices[0], reader)
        return self.voice.tell_all(f"{DIGEST}:{claimed.reader}:{claimed.version}", notices, reader)

    def _record(self, claimed: ReaderRecord, done: Sequence[str], fate: Fate, metadata: Metadata) -> None:
        """What came while it was told waits for the next. Raises Conflict when that does not end."""
        for attempt in range(ATTEMPTS):
            now, record = self.clock.now(), self.store.load(claimed.key()) or claimed
            after = record.put_off(fate.wait, now) if fate.wait else record.without(done, now, _REST)
            outcome = "later" if fate.wait else fate.refused or "sent"
            fact = NoticeSent(notice_id=DIGEST, channel=claimed.reader, outcome=outcome)
            log = reader_log(after, [fact], answering(metadata, now))
            try:
                self.store.commit(Change(cause=f"digest:{after.key()}:{after.version}", puts=(Put(after), Put(log))))
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                self.telemetry.count("Notices", outcome=outcome)
                return


def _notice(kept: Kept, lead: LeadRecord | None, rules: RuleSet, now: datetime) -> Notice | None:
    """None where the lead is not there any more."""
    if kept.needed.source is not None:
        return Notice.of_source(kept.needed, rules, now)
    return None if lead is None else Notice(kept.needed, lead.lead, lead.profile, rules, now)


def _has_left(record: ReaderRecord, rules: RuleSet) -> bool:
    return record.rep is not None and all(rep.id != record.rep for rep in rules.team.reps)
