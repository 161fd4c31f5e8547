"""One lead's whole story: state, profile, score over time, the CRM, and every commit with its facts and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from leadrelay.domain.lead import Score
from leadrelay.domain.scoring.facts import LeadScored
from leadrelay.domain.scoring.history import score_history
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LeadRecord, LogRecord, NoticeRecord, SyncRecord, lead_key
from leadrelay.ports.store import Store
from leadrelay.workflows.night_row import is_night


@dataclass(frozen=True, slots=True)
class Story:
    """The workflow with its port. What it returns is personal data: only for people who may see the lead."""

    store: Store

    def __call__(self, lead_id: str) -> dict[str, JsonValue]:
        """The story as JSON. Raises Reject when there is no such lead."""
        records = self.store.story(lead_key(lead_id).pk)
        lead = next((record for record in records if isinstance(record, LeadRecord)), None)
        if lead is None:
            raise Reject("unknown_lead", "no lead has this id")
        log = sorted((each for each in records if isinstance(each, LogRecord)), key=lambda each: (each.at, each.sk))
        return {
            "lead": lead.lead.model_dump(mode="json"),
            "profile": lead.profile.model_dump(mode="json"),
            "version": lead.version,
            "scores": [each.model_dump(mode="json") for each in score_history(_scores(log))],
            "crm": [each.model_dump(mode="json") for each in records if isinstance(each, SyncRecord)],
            "notices": [each.model_dump(mode="json") for each in records if isinstance(each, NoticeRecord)],
            "log": [each.model_dump(mode="json") for each in log],
        }


def _scores(log: Iterable[LogRecord]) -> Iterator[tuple[datetime, bool, Score]]:
    """Every score that was found, and whether at night."""
    for row in log:
        for fact in map(read, row.facts):
            if isinstance(fact, LeadScored):
                yield row.at, is_night(row.cause), fact.score
