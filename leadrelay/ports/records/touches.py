"""Records of what came in: touches, their words, and the log that everything is said by."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from leadrelay.domain.facts import Said
from leadrelay.domain.model import Instant
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.store import Due, Key, Listing, Record

TouchState = Literal["received", "ready", "done", "refused", "parked"]


def touch_key(touch_id: str) -> Key[TouchRecord]:
    """Where a touch is."""
    return Key(f"TOUCH#{touch_id}", "TOUCH", TouchRecord)


def words_key(touch_id: str) -> Key[WordsRecord]:
    """Where its words are."""
    return Key(f"TOUCH#{touch_id}", "WORDS", WordsRecord)


class TouchRecord(Record):
    """A touch and its fate. `said` is published when it is first stored; `due_at` is set until it is done. At
    `erased_at` (UTC) its words were removed, and they are never taken in again."""

    kind: ClassVar[str] = "touch"
    spoken: ClassVar[str | None] = "said"
    touch: Touch
    state: TouchState = "received"
    due_at: Instant | None
    asked: int = 0
    lead_id: str | None = None
    reason: str | None = None
    parked_at: Instant | None = None
    erased_at: Instant | None = None
    said: tuple[Said, ...] = ()

    def key(self) -> Key[TouchRecord]:
        """By its touch id: the idempotency key."""
        return touch_key(self.touch.touch_id)

    def due(self) -> Due | None:
        """Until it is done, refused or parked."""
        return None if self.due_at is None else Due("touch", self.due_at)

    def listing(self) -> Listing | None:
        """Parked touches wait for a person."""
        if self.state != "parked" or self.parked_at is None:
            return None
        return Listing(f"PARKED#{self.reason}", self.parked_at)


class WordsRecord(Record):
    """What the sender said: personal data, apart so that it can be removed."""

    kind: ClassVar[str] = "words"
    touch_id: str
    words: Words

    def key(self) -> Key[WordsRecord]:
        """Beside its touch."""
        return words_key(self.touch_id)


class LogRecord(Record):
    """One commit: its facts, why it happened, by which rules, and the decision. No personal data."""

    kind: ClassVar[str] = "log"
    spoken: ClassVar[str | None] = "facts"
    pk: str
    sk: str
    cause: str
    rules_version: str
    at: Instant
    facts: tuple[Said, ...]
    decision: dict[str, JsonValue] = Field(default_factory=dict)

    def key(self) -> Key[LogRecord]:
        """Beside what it is about, in the order of commits."""
        return Key(self.pk, self.sk, LogRecord)


class UnpublishedRecord(Record):
    """Facts of another record that could not be read for publishing; a person must look."""

    kind: ClassVar[str] = "unpublished"
    of: str
    facts: str
    parked_at: Instant

    def key(self) -> Key[UnpublishedRecord]:
        """By the key of the record."""
        return Key(f"UNPUBLISHED#{self.of}", "FACTS", UnpublishedRecord)

    def listing(self) -> Listing | None:
        """Until a person removed it."""
        return Listing("PARKED#unpublished", self.parked_at)
