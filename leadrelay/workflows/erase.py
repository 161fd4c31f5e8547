"""Erase: what an erasure names is removed, a whole person or one thing that they said.

The erasure is a touch like any other, and done only when nothing is left: whoever stops half-way leaves it due, and who
takes it up again finds what is done. First the lead is erased, in one commit: from then on nothing leads to it, nothing
about it is due, and nobody is told to call. Then everything personal beside it is emptied, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from leadrelay.domain.facts import Context
from leadrelay.domain.person.erasing import is_own
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import CrmRecord, Touch, touch_id
from leadrelay.ports.records import LeadRecord, MapRecord, TouchRecord, map_key, touch_key
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.erase_person import ErasePerson
from leadrelay.workflows.erase_response import EraseResponse
from leadrelay.workflows.family import Family
from leadrelay.workflows.forget import ERASED, forget_deliveries, forget_touch, forgotten
from leadrelay.workflows.identify import living
from leadrelay.workflows.pseudonyms import Pseudonyms


class Busy(Exception):
    """Somebody writes about the person to the CRM just now; what they leave behind is to be removed after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the CRM is being written; again in {wait}")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Erase:
    """The workflow with its ports and the rules of now."""

    store: Store
    pseudonyms: Pseudonyms
    rules: Rules
    telemetry: Telemetry

    def __call__(self, record: TouchRecord, context: Context) -> None:
        """Do it. Raises Busy, Tangled for aliases that do not end, Conflict when something has moved on."""
        lead = self._meant(record, context)
        if lead is not None:
            wait = ErasePerson(self.store, self.rules)(lead, record.touch, context)
            if wait is not None:
                raise Busy(wait)
        self._done(record, lead, context)

    def _meant(self, record: TouchRecord, context: Context) -> LeadRecord | None:
        """The person who is to be removed: named by a person, by their record in the CRM, or by what they said, if they
        said nothing else. None where all that had to go is gone."""
        touch = record.touch
        if record.lead_id is not None:
            return living(record.lead_id, self.store)
        if touch.record is not None:
            return self._shown_as(touch.record, context)
        return None if touch.fetch_id is None else self._who_said(touch, touch.fetch_id, context)

    def _shown_as(self, record: CrmRecord, context: Context) -> LeadRecord | None:
        """Of somebody we have never heard of, nothing is taken in either."""
        key = map_key(record.crm, record.person)
        known = self.store.load(key)
        if known is None:
            known = MapRecord(version=1, crm=record.crm, crm_id=record.person, lead_id="", erased_at=context.at)
            self.store.commit(Change(cause=context.causation_id, puts=(Put(known),)))
        return living(known.lead_id, self.store)

    def _who_said(self, touch: Touch, key: str, context: Context) -> LeadRecord | None:
        said = touch_id(touch.source, key)
        record = self.store.load(touch_key(said))
        if record is None:
            self.store.commit(Change(cause=context.causation_id, puts=(Put(_never(said, touch, context)),)))
            return None
        lead = None if record.lead_id is None else living(record.lead_id, self.store)
        if lead is not None and (lead.lead.erased_at is not None or self._said_nothing_else(lead, said)):
            return lead
        if lead is not None and record.erased_at is None:
            EraseResponse(self.store, self.pseudonyms, self.rules)(lead, record, context)
            forget_deliveries(said, record.touch.delivery, self.store)
        else:
            forget_touch(record, self.store, context)
        return None

    def _said_nothing_else(self, lead: LeadRecord, said: str) -> bool:
        others = [each for each in Family.of(lead, self.store).touches() if each != said]
        found = self.store.load_all([touch_key(each) for each in others])
        return not any(is_own(each.touch) for each in found if each is not None and each.erased_at is None)

    def _done(self, record: TouchRecord, lead: LeadRecord | None, context: Context) -> None:
        """The erasure itself says nothing of anybody any more, nor does what it came in."""
        forget_deliveries(record.touch.touch_id, record.touch.delivery, self.store)
        lead_id = record.lead_id if lead is None else lead.lead.lead_id
        done = forgotten(record.with_(state="done", lead_id=lead_id), context.at)
        self.store.commit(Change(cause=context.causation_id, puts=(Put(done),)))
        self.telemetry.count("Erasures", source=record.touch.source)
        self.telemetry.line("erased", touch_id=record.touch.touch_id, lead_id=lead_id, source=record.touch.source)


def _never(said: str, erasure: Touch, context: Context) -> TouchRecord:
    """A touch that is refused whenever it comes: its sender has taken it back."""
    touch = Touch(
        touch_id=said,
        kind="submission",
        source=erasure.source,
        vendor=erasure.vendor,
        trust=erasure.trust,
        received_at=context.at,
        occurred_at=context.at,
    )
    return TouchRecord(version=1, touch=touch, state="refused", reason=ERASED, due_at=None, erased_at=context.at)
