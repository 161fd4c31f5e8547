"""Taking touches in: written once, whoever brings them. A touch that is already there was this one.

The touches of one delivery are written many at a time: a sender that brings a thousand waits for a handful of
transactions, not for a thousand. All of one transaction are stored or none, so one that is known makes the others be
written without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.facts import Context, say
from leadrelay.domain.person.facts import TouchReceived
from leadrelay.domain.touch import Touch, TouchDraft, Trust, touch_id
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import TouchRecord, WordsRecord
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import CHANGE_PARTS, Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.forget import seen_again

ANSWER_WITHIN = timedelta(minutes=1)
"""A stored touch that nobody answered within this time is said again by the sweep."""

TOGETHER = CHANGE_PARTS // 2
"""Touches of one transaction: each is a touch and its words."""

TOGETHER_BYTES = 2_000_000
"""What the words of one transaction may weigh as JSON; the table takes 4 MB with everything."""

Row = tuple[TouchRecord, WordsRecord]


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
        return self.all([draft], brought) == 1

    def all(self, drafts: Sequence[TouchDraft], brought: Brought) -> int:
        """Store the touches that came together, each once and saying TouchReceived for itself; how many were new. Of
        two with one key the first counts."""
        rows: dict[str, Row] = {}
        for draft in drafts:
            row = _row(draft, brought)
            rows.setdefault(row[0].touch.touch_id, row)
        return sum(self._stored(bundle, brought) for bundle in _bundles(list(rows.values())))

    def _stored(self, rows: Sequence[Row], brought: Brought) -> int:
        try:
            self.store.commit(Change(cause=brought.cause, puts=tuple(Put(record) for row in rows for record in row)))
        except Conflict:
            return self._those_unknown(rows, brought)
        for record, _ in rows:
            touch = record.touch
            self.telemetry.line("touch_stored", touch_id=touch.touch_id, source=touch.source, kind=touch.kind)
        return len(rows)

    def _those_unknown(self, rows: Sequence[Row], brought: Brought) -> int:
        """What is there is known; the rest is written without it, each by itself where nothing shows who was first."""
        if len(rows) == 1:
            self._known([row[0] for row in rows], brought)
            return 0
        there = self.store.load_all([record.key() for record, _ in rows])
        new = [row for row, known in zip(rows, there, strict=True) if known is None]
        self._known([row[0] for row, known in zip(rows, there, strict=True) if known is not None], brought)
        if len(new) == len(rows):
            return sum(self._stored([row], brought) for row in new)
        return self._stored(new, brought) if new else 0

    def _known(self, touches: Sequence[TouchRecord], brought: Brought) -> None:
        for _ in touches:
            self.telemetry.count("DuplicateTouches", source=brought.settings.name)
        if touches and brought.delivery is not None:
            seen_again([each.touch.touch_id for each in touches], brought.delivery, brought.at, self.store)


def _bundles(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As many at a time as one transaction takes."""
    bundle: list[Row] = []
    weight = 0
    for row in rows:
        heavy = len(row[1].model_dump_json().encode())
        if bundle and (len(bundle) == TOGETHER or weight + heavy > TOGETHER_BYTES):
            yield bundle
            bundle, weight = [], 0
        bundle.append(row)
        weight += heavy
    if bundle:
        yield bundle


def _row(draft: TouchDraft, brought: Brought) -> Row:
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
    return record, WordsRecord(version=1, touch_id=touch.touch_id, words=draft.words)


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
