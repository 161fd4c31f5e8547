"""From a decision to one transaction: the lead, its log row, and the due rows that expect answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.ports.records import LeadRecord, NoticeRecord, RescoreRecord, SyncRecord, rescore_key, sync_key
from leadrelay.ports.store import Key, Put, Store
from leadrelay.workflows.deliver.asked import asked
from leadrelay.workflows.log import lead_log
from leadrelay.workflows.night_row import next_night

ANSWER_WITHIN = timedelta(minutes=1)
"""`deliver` and `notify` are asked again by the sweep when they have not answered within this time."""

ATTEMPTS = 5
"""How often a workflow loads and decides again after a conflict, before it leaves the work to the queue."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision about one lead writes. `seen` is the version of the lead it was made on; 0 for a new lead.
    `night` is the row of its next judgement, for who has read that already."""

    decision: Decision
    seen: int
    context: Context
    explanation: Mapping[str, JsonValue]
    night: RescoreRecord | None = None

    def puts(self, store: Store) -> Iterator[Put]:
        """The lead and its log row; its night, if that changed; its sync row when the card changed; a row for each
        notice."""
        version, lead = self.seen + 1, self.decision.lead
        yield Put(LeadRecord(version=version, lead=lead, profile=self.decision.profile))
        yield Put(lead_log(lead.lead_id, version, self.decision.facts, self.context, self.explanation))
        shows = any(isinstance(fact, CardChanged) for fact in self.decision.facts)
        due, sync = self._known(store, shows)
        night = next_night(due, self.decision)
        if night is not None:
            yield Put(night)
        if shows:  # and `deliver` is expected to answer
            yield Put(asked(sync, self.decision, version, self.context, ANSWER_WITHIN))
        for fact in self.decision.facts:
            if isinstance(fact, NoticeNeeded):
                yield Put(self._notice(fact))

    def _known(self, store: Store, shows: bool) -> tuple[RescoreRecord | None, SyncRecord | None]:
        """The rows that may change with the lead, read with one question. A lead that was never stored has no night."""
        lead_id = self.decision.lead.lead_id
        due, sync = rescore_key(lead_id), sync_key(lead_id, self.decision.rules.crm.vendor)
        asked_for: list[Key[Any]] = [due] if self.seen and self.night is None else []
        asked_for += [sync] if shows else []
        found = dict(zip(asked_for, store.load_all(asked_for), strict=True)) if asked_for else {}
        return self.night or found.get(due), found.get(sync)

    def _notice(self, fact: NoticeNeeded) -> NoticeRecord:
        return NoticeRecord(
            version=1,
            lead_id=self.decision.lead.lead_id,
            notice_id=fact.notice_id,
            notice=fact.notice,
            hop=fact.hop,
            rep=fact.rep,
            due_at=self.context.at + ANSWER_WITHIN,
            correlation_id=self.context.correlation_id,
            rules_version=self.context.rules_version,
        )
