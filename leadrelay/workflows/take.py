"""Taking a touch in: one conditional write, whoever brings it. A touch that is already there was this one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.facts import Context, say
from leadrelay.domain.person.facts import TouchReceived
from leadrelay.domain.touch import Touch, TouchDraft, Trust, Words, touch_id
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import TouchRecord, WordsRecord
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry

ANSWER_WITHIN = timedelta(minutes=1)
"""A stored touch that nobody answered within this time is said again by the sweep."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How a touch came: `cause` names the delivery or question it came with, `delivery` its raw body, if kept."""

    settings: SourceSettings
    trust: Trust
    cause: str
    rules_version: str
    at: datetime
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Stores touches. Raises Retry from the store: then nothing was promised."""

    store: Store
    telemetry: Telemetry

    def __call__(self, draft: TouchDraft, brought: Brought) -> bool:
        """Store the touch and say TouchReceived; False when it was known."""
        touch = _touch(draft, brought)
        context = Context(
            correlation_id=touch.touch_id,
            causation_id=brought.cause,
            rules_version=brought.rules_version,
            at=brought.at,
        )
        fact = TouchReceived(touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
        said = say([fact], f"{touch.touch_id}:1", None, context)
        record = TouchRecord(version=1, touch=touch, due_at=brought.at + ANSWER_WITHIN, said=said)
        return self._stored(record, draft.words, context.causation_id)

    def _stored(self, record: TouchRecord, words: Words, cause: str) -> bool:
        touch = record.touch
        kept = WordsRecord(version=1, touch_id=touch.touch_id, words=words)
        try:
            self.store.commit(Change(cause=cause, puts=(Put(record), Put(kept))))
        except Conflict:
            self.telemetry.count("DuplicateTouches", source=touch.source)
            return False
        self.telemetry.line("touch_stored", touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
        return True


def _touch(draft: TouchDraft, brought: Brought) -> Touch:
    """A sender's clock may be ahead of ours: nothing has occurred in the future."""
    said = draft.model_dump(exclude={"key", "words", "occurred_at", "origin", "record"})
    return Touch(
        **said,
        touch_id=touch_id(brought.settings.name, draft.key),
        source=brought.settings.name,
        vendor=brought.settings.vendor,
        trust=brought.trust,
        received_at=brought.at,
        occurred_at=min(draft.occurred_at or brought.at, brought.at),
        origin=draft.origin,
        record=draft.record,
        delivery=brought.delivery,
    )
