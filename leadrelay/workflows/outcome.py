"""From decisions to one transaction: each lead, its log row, rows that expect answers, and whose work it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.routing.workload import carrier
from leadrelay.ports.records import LeadRecord, RescoreRecord, SyncRecord, rescore_key, sync_key
from leadrelay.ports.store import Key, Put, Record, Store
from leadrelay.workflows.deliver.asked import asked
from leadrelay.workflows.log import lead_log
from leadrelay.workflows.night_row import next_night
from leadrelay.workflows.notice_row import ANSWER_WITHIN, notice_row
from leadrelay.workflows.staff import Staff

Found = Mapping[Key[Any], Record | None]
"""Rows that were read, by their key."""

ATTEMPTS = 5
"""How often a workflow loads and decides again after a conflict, before it leaves the work to the queue."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision about one lead writes. `before` is the lead it was made on; None for a new one. `night` is the
    row of its next judgement, for who has read that already."""

    decision: Decision
    before: LeadRecord | None
    context: Context
    explanation: Mapping[str, JsonValue]
    night: RescoreRecord | None = None

    def asks(self) -> list[Key[Any]]:
        """The rows that may change with the lead. A lead that was never stored has no night."""
        nights: list[Key[Any]] = [self._night_key] if self.before is not None and self.night is None else []
        return [*nights, self._sync_key] if self._shows else nights

    def puts(self, found: Found) -> Iterator[Put]:
        """The lead and its log row; its night, if that changed; its sync row when the card changed; a row for each
        notice. `found` are the rows of `asks`."""
        version, lead = 1 if self.before is None else self.before.version + 1, self.decision.lead
        carried = carrier(lead, self.decision.rules)
        yield Put(LeadRecord(version=version, lead=lead, profile=self.decision.profile, carrier=carried))
        yield Put(lead_log(lead.lead_id, version, self.decision.facts, self.context, self.explanation))
        due, sync = self.night or found.get(self._night_key), found.get(self._sync_key)
        night = next_night(due if isinstance(due, RescoreRecord) else None, self.decision)
        if night is not None:
            yield Put(night)
        if self._shows:  # and `deliver` is expected to answer
            known = sync if isinstance(sync, SyncRecord) else None
            yield Put(asked(known, self.decision, version, self.context, ANSWER_WITHIN))
        for fact in self.decision.facts:
            if isinstance(fact, NoticeNeeded):
                yield Put(notice_row(fact, lead.lead_id, self.context))

    @property
    def _shows(self) -> bool:
        return any(isinstance(fact, CardChanged) for fact in self.decision.facts)

    @property
    def _night_key(self) -> Key[RescoreRecord]:
        return rescore_key(self.decision.lead.lead_id)

    @property
    def _sync_key(self) -> Key[SyncRecord]:
        return sync_key(self.decision.lead.lead_id, self.decision.rules.crm.vendor)


def written(outcomes: Sequence[Outcome], store: Store, staff: Staff | None = None) -> list[Put]:
    """Everything that these decisions write in one transaction; what they read is read with one question. `staff` is
    given by who has told it of the decisions already."""
    asked_for = [key for outcome in outcomes for key in outcome.asks()]
    found = dict(zip(asked_for, store.load_all(asked_for), strict=True)) if asked_for else {}
    if staff is None:
        staff = Staff(store)
        for outcome in outcomes:
            staff.feel(outcome.before, outcome.decision)
    return [*(put for outcome in outcomes for put in outcome.puts(found)), *staff.puts(outcomes[0].context)]
