"""Fetch: everything that reads the outside about a touch, before anything is decided about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.facts import Metadata
from leadrelay.domain.person.facts import TouchParked, TouchReady, TouchReceived
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch
from leadrelay.ports.records import TouchRecord, WordsRecord, touch_key, words_key
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import answering, touch_log
from leadrelay.workflows.take import ANSWER_WITHIN

_WHEN_MISCONFIGURED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FetchTouch:
    """The workflow with its ports; `fetchers` gives the read API of a source's vendor, `look_up` asks who the company
    is."""

    store: Store
    fetchers: Callable[[Touch], Fetch]
    look_up: Callable[[Touch, Words | None], None]
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: TouchReceived, metadata: Metadata) -> None:
        """Complete the touch. An outage sets it due again and is no failure of the queue."""
        record = self.store.load(touch_key(fact.touch_id))
        if record is None or record.state != "received":
            return
        now = self.clock.now()
        try:
            found = self._complete(record.touch)
        except Retry as later:
            self._postpone(record, now + timedelta(seconds=later.after), later.scope)
        except Misconfigured as wrong:
            self.telemetry.count("Misconfigured", source=record.touch.source)
            self._postpone(record, now + _WHEN_MISCONFIGURED, str(wrong))
        except Reject as refused:
            self._park(record, metadata, refused.reason, now)
        else:
            if record.touch.kind != "erasure":
                self.look_up(record.touch, None if found is None else found.words)
            self._ready(record, found, metadata, now)

    def _complete(self, touch: Touch) -> Completed | None:
        """A test button's lead exists nowhere, and of what is to be erased nothing is asked."""
        nobody = touch.fetch_id is None or touch.test or touch.kind == "erasure"
        return None if nobody else self.fetchers(touch).complete(touch)

    def _postpone(self, record: TouchRecord, due_at: datetime, why: str) -> None:
        """It was answered, with "later": only silence is counted towards giving up."""
        later = record.with_(version=record.version + 1, due_at=due_at, asked=0, said=())
        self.store.commit(Change(cause=f"postpone:{record.touch.touch_id}:{later.version}", puts=(Put(later),)))
        self.telemetry.line("touch_postponed", touch_id=record.touch.touch_id, why=why)

    def _park(self, record: TouchRecord, metadata: Metadata, reason: str, now: datetime) -> None:
        touch = record.touch
        fact = TouchParked(touch_id=touch.touch_id, source=touch.source, reason=reason)
        parked = record.with_(
            version=record.version + 1, state="parked", reason=reason, parked_at=now, due_at=None, said=()
        )
        log = touch_log(parked, [fact], answering(metadata, now))
        self.store.commit(Change(cause=metadata.fact_id, puts=(Put(parked), Put(log))))
        self.telemetry.count("TouchesParked", source=touch.source)

    def _ready(self, record: TouchRecord, found: Completed | None, metadata: Metadata, now: datetime) -> None:
        touch = record.touch if found is None else _merged(record.touch, found)
        ready = record.with_(
            version=record.version + 1, touch=touch, state="ready", due_at=now + ANSWER_WITHIN, said=()
        )
        fact = TouchReady(touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
        puts = [Put(ready), Put(touch_log(ready, [fact], answering(metadata, now)))]
        words = None if found is None else self.store.load(words_key(touch.touch_id))
        if words is not None and found is not None:
            puts.append(Put(WordsRecord(version=words.version + 1, touch_id=touch.touch_id, words=found.words)))
        self.store.commit(Change(cause=metadata.fact_id, puts=tuple(puts)))


def _merged(touch: Touch, found: Completed) -> Touch:
    """What the vendor said when asked; where it is silent, what the webhook said."""
    news = {name: value for name, value in found.origin if value is not None}
    return touch.with_(
        origin=touch.origin.with_(**news),
        test=touch.test or found.test,
        record=found.record or touch.record,
        event=found.event or touch.event,
    )
