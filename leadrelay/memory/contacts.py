"""What people did to reach somebody, in memory: the CRM that is asked before a lead is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadrelay.domain.touch import CrmRecord, TouchDraft


class MemoryContacts:
    """Implements `ports.contacts.PromptContacts`. `trouble` is raised as long as it is set, `asked` are the questions:
    about whom, since when, and for how many seconds the answer was waited for."""

    def __init__(self, crm: str = "hubspot") -> None:
        self._crm = crm
        self._logged: list[TouchDraft] = []
        self.trouble: Exception | None = None
        self.asked: list[tuple[tuple[str, ...], datetime, float]] = []

    def log(self, crm_id: str, event: str, at: datetime) -> TouchDraft:
        """Somebody logs what they did; the touch that a poll, or this question, brings of it."""
        number = len(self._logged)
        record = CrmRecord(crm=self._crm, kind="activity", person=crm_id, record_id=f"activity-{number}")
        draft = TouchDraft(
            kind="activity", key=f"{event}:{number}:{crm_id}", event=event, occurred_at=at, record=record
        )
        self._logged.append(draft)
        return draft

    def made(self, people: Sequence[str], since: datetime, seconds: float) -> Sequence[TouchDraft]:
        """See the port."""
        self.asked.append((tuple(people), since, seconds))
        if self.trouble is not None:
            raise self.trouble
        return [draft for draft in self._logged if draft.record is not None and draft.record.person in people]
