"""One lead's whole story: state, profile, what the CRM shows, and every commit with its facts and reasons."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LeadRecord, LogRecord, NoticeRecord, SyncRecord, lead_key
from leadrelay.ports.store import Store


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
            "crm": [each.model_dump(mode="json") for each in records if isinstance(each, SyncRecord)],
            "notices": [each.model_dump(mode="json") for each in records if isinstance(each, NoticeRecord)],
            "log": [each.model_dump(mode="json") for each in log],
        }
