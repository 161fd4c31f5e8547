"""Redrive: parked work is taken up again, after a person mended the cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leadrelay.domain.card.facts import CardChanged
from leadrelay.domain.clocks.starting import put_again
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.person.facts import TouchReceived
from leadrelay.domain.routing.ownership import Wanted
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import CursorRecord, LeadRecord, NoticeRecord, ReaderRecord, SyncRecord, TouchRecord
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Record, Store
from leadrelay.workflows.log import notice_log, reader_log, sync_log, touch_log
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.take import ANSWER_WITHIN

_PLANNED = "planned_"


def _list(why: str) -> str:
    """Where the work waits."""
    return f"PLANNED#{why.removeprefix(_PLANNED)}" if why.startswith(_PLANNED) else f"PARKED#{why}"


@dataclass(frozen=True, slots=True)
class Redrive:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock

    def __call__(self, why: str, limit: int = 1000) -> int:
        """Take up everything parked for this reason, or only planned (`planned_<crm>`); returns how much it was."""
        return sum(self._one(self.store.load(key)) for key in self.store.listed(_list(why), limit))

    def _one(self, record: Record | None) -> bool:
        change = None if record is None else self._change(record)
        if change is None:
            return False
        try:
            self.store.commit(change)
        except Conflict:
            return False
        return True

    def _change(self, record: Record) -> Change | None:
        cause = f"redrive:{record.key()}:{record.version}"
        due: dict[str, object] = {
            "version": record.version + 1,
            "due_at": self.clock.now() + ANSWER_WITHIN,
            "parked_at": None,
        }
        match record:
            case TouchRecord():
                return self._touch(record, due, cause)
            case SyncRecord():
                return self._card(record, due, cause)
            case NoticeRecord():
                told = record.with_(**due, tries=0, failed=0, outcome=None)
                log = notice_log(told, [told.needed()], self._context(record.correlation_id, cause))
                return Change(cause=cause, puts=(Put(told), Put(log)))
            case ReaderRecord():
                asked = record.due_again(self.clock.now() + ANSWER_WITHIN, tries=1).with_(parked_at=None, failed=0)
                log = reader_log(asked, [asked.needed()], self._context(record.reader, cause))
                return Change(cause=cause, puts=(Put(asked), Put(log)))
            case CursorRecord():
                again = record.with_(version=record.version + 1, asked=0, due_at=self.clock.now())
                return Change(cause=cause, puts=(Put(again),))
            case LeadRecord(lead=lead) if lead.wanted is not None:
                return self._question(record, lead.wanted, cause)
        return None

    def _touch(self, record: TouchRecord, due: Mapping[str, object], cause: str) -> Change:
        touch = record.touch
        genuine = touch.with_(suspicion=None, cleared=touch.suspicion or touch.cleared)  # a person looked: no spam
        again = record.with_(**due, touch=genuine, state="received", asked=0, reason=None, said=())
        received = TouchReceived(touch_id=genuine.touch_id, source=genuine.source, kind=genuine.kind)
        log = touch_log(again, [received], self._context(genuine.touch_id, cause))
        return Change(cause=cause, puts=(Put(again), Put(log)))

    def _card(self, record: SyncRecord, due: Mapping[str, object], cause: str) -> Change:
        """Nothing of what stopped it counts any more, and the rules of now decide what is shown."""
        forgotten = dict.fromkeys(("parked", "planned_at", "wait_until", "quiet_until"))
        rules_version = self.rules.current().version
        synced = record.with_(**due, **forgotten, tries=0, refused=(), planned=(), rules_version=rules_version)
        changed = CardChanged(card=record.card or "")
        log = sync_log(synced, [changed], self._context(record.correlation_id, cause))
        return Change(cause=cause, puts=(Put(synced), Put(log)))

    def _question(self, record: LeadRecord, wanted: Wanted, cause: str) -> Change:
        """Whose the lead is, is asked again, soon and not after an hour."""
        decision = Decision(record.lead, record.profile, self.rules.current(), self.clock.now())
        decision.say(*put_again(wanted, decision.rules, decision.at))
        touch_id = "" if record.lead.last is None else record.lead.last.touch_id
        outcome = Outcome(decision, record, self._context(touch_id, cause), {})
        return Change(cause=cause, puts=tuple(written([outcome], self.store)))

    def _context(self, correlation_id: str, cause: str) -> Context:
        version = self.rules.current().version
        return Context(correlation_id=correlation_id, causation_id=cause, rules_version=version, at=self.clock.now())
