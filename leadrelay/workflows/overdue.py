"""What the sweep does with each kind of overdue record: a clock fires, an unanswered fact is said again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.clocks.clock import AT_ONCE
from leadrelay.domain.decide import tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.person.facts import SourceDue, TouchParked, TouchReady, TouchReceived
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import CursorRecord, LeadRecord, NoticeRecord, ReaderRecord, SyncRecord, TouchRecord
from leadrelay.ports.store import ASKED_AT_MOST, Change, Put, Record, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import notice_log, poll_log, reader_log, sync_log, touch_log
from leadrelay.workflows.outcome import Outcome, written

_LONGEST_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One moment of a sweep, with the rules of that moment. The next one comes after `ahead`."""

    store: Store
    rules: Rules
    now: datetime
    telemetry: Telemetry
    ahead: timedelta = AT_ONCE

    def is_due(self, record: Record) -> bool:
        """Whether it wants attention now; a warning, before its instant rather than after it."""
        due = record.due()
        at = record.lead.due_at(self.ahead) if isinstance(record, LeadRecord) else None if due is None else due.at
        return at is not None and at <= self.now

    def context(self, correlation_id: str, record: Record) -> Context:
        """Nobody's fact is answered: the record's own version is the cause, so a doubled sweep acts once."""
        return Context(
            correlation_id=correlation_id,
            causation_id=f"sweep:{record.key()}:{record.version}",
            rules_version=self.rules.version,
            at=self.now,
        )


def wait(asked: int) -> timedelta:
    """How long until it is asked again: 1, 2, 4 … minutes, at most an hour."""
    return min(_FIRST_WAIT * (1 << min(asked, 10)), _LONGEST_WAIT)


def answer(record: Record, sweep: Sweep) -> Change:
    """The change for an overdue record. Raises TypeError for a record that is never due: a defect."""
    match record:
        case LeadRecord():
            return _fire(record, sweep)
        case TouchRecord():
            return _touch(record, sweep)
        case SyncRecord():
            return _sync(record, sweep)
        case NoticeRecord():
            return _notice(record, sweep)
        case ReaderRecord():
            return _digest(record, sweep)
        case CursorRecord():
            return _poll(record, sweep)
    raise TypeError(f"{record.key()} of kind {record.kind} cannot be due")


def _fire(record: LeadRecord, sweep: Sweep) -> Change:
    """A checkpoint of a clock."""
    decision = Decision(record.lead, record.profile, sweep.rules, sweep.now)
    tick(decision, sweep.ahead)
    touch_id = "" if record.lead.last is None else record.lead.last.touch_id
    context = sweep.context(touch_id, record)
    looked: dict[str, JsonValue] = {"ahead": sweep.ahead.total_seconds()} if sweep.ahead else {}
    outcome = Outcome(decision, record, context, looked)
    return Change(cause=context.causation_id, puts=tuple(written([outcome], sweep.store)))


def _touch(record: TouchRecord, sweep: Sweep) -> Change:
    """A touch that nobody answered; after eight times a person must look."""
    touch, asked = record.touch, record.asked + 1
    if asked > ASKED_AT_MOST:
        gave_up: dict[str, object] = {"state": "parked", "reason": "unanswered", "parked_at": sweep.now}
        parked = TouchParked(touch_id=touch.touch_id, source=touch.source, reason="unanswered")
        return _said_touch(record, sweep, parked, {**gave_up, "due_at": None})
    again = TouchReceived if record.state == "received" else TouchReady
    fact = again(touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
    return _said_touch(record, sweep, fact, {"asked": asked, "due_at": sweep.now + wait(asked)})


def _said_touch(
    record: TouchRecord, sweep: Sweep, fact: TouchReceived | TouchReady | TouchParked, changes: dict[str, object]
) -> Change:
    context = sweep.context(record.touch.touch_id, record)
    later = record.with_(version=record.version + 1, said=(), **changes)
    sweep.telemetry.count("SaidAgain", fact=fact.name())
    return Change(cause=context.causation_id, puts=(Put(later), Put(touch_log(later, [fact], context))))


def _sync(record: SyncRecord, sweep: Sweep) -> Change:
    """The CRM does not show the card yet: deliver is asked again, for as long as it takes. The record shows a person
    that it was asked too often."""
    context, tries = sweep.context(record.correlation_id, record), record.tries + 1
    later = record.with_(
        version=record.version + 1, tries=tries, due_at=sweep.now + wait(tries), rules_version=sweep.rules.version
    )
    fact = CardChanged(card=record.card or "")
    sweep.telemetry.count("SaidAgain", fact=fact.name())
    return Change(cause=context.causation_id, puts=(Put(later), Put(sync_log(later, [fact], context))))


def _poll(record: CursorRecord, sweep: Sweep) -> Change:
    """A source's turn to be asked; one that does not answer is asked ever more seldom, and its record says so."""
    asked, version = record.asked + 1, record.version + 1
    if record.source not in sweep.rules.polled:
        return Change(
            cause=f"unpoll:{record.source}:{version}", puts=(Put(record.with_(version=version, due_at=None)),)
        )
    later = record.with_(version=version, asked=asked, due_at=sweep.now + wait(asked))
    context = sweep.context(f"poll:{record.source}", record)
    log = poll_log(later, [SourceDue(source=record.source, asked=asked)], context)
    return Change(cause=context.causation_id, puts=(Put(later), Put(log)))


def _notice(record: NoticeRecord, sweep: Sweep) -> Change:
    """Nobody was told yet; after eight times a person must look."""
    context, tries = sweep.context(record.correlation_id, record), record.tries + 1
    version = record.version + 1
    if tries > ASKED_AT_MOST:
        gave_up = record.with_(version=version, due_at=None, outcome="undeliverable", parked_at=sweep.now)
        return Change(cause=context.causation_id, puts=(Put(gave_up),))
    later = record.with_(version=version, tries=tries, due_at=sweep.now + wait(tries))
    fact = record.needed()
    sweep.telemetry.count("SaidAgain", fact=fact.name())
    return Change(cause=context.causation_id, puts=(Put(later), Put(notice_log(later, [fact], context))))


def _digest(record: ReaderRecord, sweep: Sweep) -> Change:
    """The time of what waits for a reader has come, or nobody told it yet; after eight times a person must look."""
    context, tries = sweep.context(record.reader, record), record.tries + 1
    if tries > ASKED_AT_MOST:
        return Change(cause=context.causation_id, puts=(Put(record.parked(sweep.now)),))
    later = record.due_again(sweep.now + wait(tries), tries).with_(lease_until=record.lease_until)
    sweep.telemetry.count("SaidAgain", fact=NoticeNeeded.name())
    return Change(cause=context.causation_id, puts=(Put(later), Put(reader_log(later, [later.needed()], context))))
