"""What is parked, one by one: what somebody must read to decide, and forgetting what no lead ever heard.

A suspect or a touch that nobody understood belongs to no lead, so erasing a person does not find it. Whoever asks to be
forgotten is found here by what they said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leadrelay.domain.facts import Context
from leadrelay.domain.touch import Words
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import TouchRecord, touch_key, words_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Store
from leadrelay.workflows.forget import forget_touch
from leadrelay.workflows.outcome import ATTEMPTS


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parked touch and what was said: personal data."""

    record: TouchRecord
    words: Words


@dataclass(frozen=True, slots=True)
class Parked:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock

    def touches(self, why: str, limit: int = 100) -> Iterator[Waiting]:
        """The touches that are parked for this reason, longest waiting first; only touches have words to show."""
        for key in self.store.listed(f"PARKED#{why}", limit):
            record = self.store.load(key)
            if isinstance(record, TouchRecord):
                words = self.store.load(words_key(record.touch.touch_id))
                yield Waiting(record, Words() if words is None else words.words)

    def erase(self, touch_id: str) -> None:
        """Remove what was said, and every raw delivery it came in; the codes stay, so it is never taken in again. Done
        again it finishes what was cut off. Raises Reject, saying what to do, for a touch that is a lead's; Retry."""
        for _ in range(ATTEMPTS):
            record = self.own(touch_id)
            try:
                forget_touch(record, self.store, self._context(record))
            except Conflict:
                continue
            return
        raise Retry(1, "the touch is being changed by others")

    def own(self, touch_id: str) -> TouchRecord:
        """The touch, if it is nobody's. Raises Reject, saying what to do."""
        record = self.store.load(touch_key(touch_id))
        if record is None:
            raise Reject("unknown_touch", "no touch has this id; `leadrelay parked show REASON` lists those that wait")
        if record.lead_id is not None:
            raise Reject("heard", f"a lead has heard it: `leadrelay lead erase {record.lead_id}` removes the person")
        if record.state != "parked" and record.erased_at is None:
            raise Reject("under_way", f"it is {record.state} and not parked; look again when it is answered")
        return record

    def _context(self, record: TouchRecord) -> Context:
        touch_id = record.touch.touch_id
        version = self.rules.current().version
        return Context(
            correlation_id=touch_id,
            causation_id=f"erase:{touch_id}",
            rules_version=version,
            at=self.clock.now(),
        )
