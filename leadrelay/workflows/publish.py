"""Publish: from the table's stream to the bus, the only place that speaks.

Refused entries are tried again at once; what stays refused fails the batch, and the stream brings it back. A fact that
the stream cannot bring back is late, not lost: the sweep says it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from leadrelay.domain.facts import Said
from leadrelay.ports.bus import Bus
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import UnpublishedRecord
from leadrelay.ports.store import Store
from leadrelay.ports.telemetry import Telemetry

_FACTS = TypeAdapter(tuple[Said, ...])
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Announcement:
    """One inserted record of the stream: its key, and its facts as JSON."""

    key: str
    facts: str


@dataclass(frozen=True, slots=True)
class Publish:
    """The workflow with its ports."""

    bus: Bus
    store: Store
    clock: Clock
    telemetry: Telemetry

    def __call__(self, announcements: Sequence[Announcement]) -> int:
        """Publish all; returns how many facts were sent. Raises Retry when some are still refused."""
        facts = [fact for announcement in announcements for fact in self._read(announcement)]
        refused = facts
        for _ in range(_ATTEMPTS):
            refused = [refused[position] for position in self.bus.send(refused)] if refused else []
        if refused:
            self.telemetry.count("FactsRefused", len(refused))
            raise Retry(1, f"{len(refused)} of {len(facts)} facts were refused by the bus", "outage")
        self.telemetry.count("FactsPublished", len(facts))
        return len(facts)

    def _read(self, announcement: Announcement) -> tuple[Said, ...]:
        """A record that cannot be read is parked and skipped: it must not hold up everybody else's facts."""
        try:
            return _FACTS.validate_json(announcement.facts)
        except ValidationError:
            now = self.clock.now()
            self.store.put(UnpublishedRecord(version=1, of=announcement.key, facts=announcement.facts, parked_at=now))
            self.telemetry.count("FactsParked")
            return ()
