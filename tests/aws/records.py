"""The smallest records that use everything a store offers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from leadrelay.domain.facts import Metadata, Said
from leadrelay.domain.model import Instant
from leadrelay.ports.store import Change, Due, DueKind, Key, Listing, Put, Record, Unchanged

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


class Card(Record):
    """A record that may be due, listed and forgotten."""

    kind: ClassVar[str] = "card"
    id: str
    text: str = ""
    due_kind: DueKind = "clock"
    due_at: Instant | None = None
    waits_in: str | None = None
    since: Instant = NOON
    until: Instant | None = None

    def key(self) -> Key[Record]:
        return card_key(self.id)

    def due(self) -> Due | None:
        return Due(self.due_kind, self.due_at) if self.due_at else None

    def listing(self) -> Listing | None:
        return Listing(self.waits_in, self.since) if self.waits_in else None

    def expires_at(self) -> datetime | None:
        return self.until


class Log(Record):
    """A log row: the outbox of one commit."""

    kind: ClassVar[str] = "log"
    spoken: ClassVar[str | None] = "facts"
    id: str
    number: int
    cause: str
    facts: tuple[Said, ...] = ()

    def key(self) -> Key[Record]:
        return log_key(self.id, self.number)


KINDS: dict[str, type[Record]] = {kind.kind: kind for kind in (Card, Log)}


def card_key(id_: str) -> Key[Card]:
    return Key(f"LEAD#{id_}", "CARD", Card)


def log_key(id_: str, number: int) -> Key[Log]:
    return Key(f"LEAD#{id_}", f"LOG#{number:010d}", Log)


def fact(name: str = "CardChanged", number: int = 0, **data: object) -> Said:
    """A fact in its envelope."""
    return Said(
        name=name,
        metadata=Metadata(
            fact_id=f"lead-1:1.{number}",
            lead_id="lead-1",
            correlation_id="webform.1",
            causation_id="webform.1",
            rules_version="0" * 64,
            occurred_at=NOON + timedelta(seconds=number),
        ),
        data=data,
    )


def answer(card: Card, cause: str, facts: tuple[Said, ...] = (), unchanged: tuple[Unchanged, ...] = ()) -> Change:
    """The commit of a workflow: the state's next version, and one log row of the same number."""
    version = card.version + 1
    log = Log(id=card.id, number=version, cause=cause, facts=facts, version=1)
    return Change(cause, (Put(card.with_(version=version)), Put(log)), unchanged)
