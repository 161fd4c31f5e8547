"""Erasing by a person's word: who is meant, what would be removed, and doing it.

What a person asks for is stored as an erasure before anything is removed. So it is finished by the sweep, should
whoever asked be cut off half-way.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.facts import Context
from leadrelay.domain.person import normal
from leadrelay.domain.person.identity import IdentityKind, is_role_address, is_switchboard
from leadrelay.domain.touch import Touch, touch_id
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.records import LeadRecord, RepeatRecord, SyncRecord, TouchRecord, ident_key, touch_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.erase import Busy, Erase
from leadrelay.workflows.family import Family
from leadrelay.workflows.identify import Tangled, living
from leadrelay.workflows.outcome import ATTEMPTS
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.take import ANSWER_WITHIN

BY_HAND = "request"
"""The source of what a person asks for by the command line."""

_NOBODY = "nobody is known by it; `leadrelay lead show` takes the id that the CRM's record carries"
_MANY = "many people share it: find the one who is meant in the CRM, and give the lead's id"


@dataclass(frozen=True, slots=True)
class Erasing:
    """What would be removed: the lead and those that became it (ids, the living one first), how many `touches` they
    have and in how many raw `deliveries` these are kept still. `fields` are the names of what is known, `crm` the
    records that people must delete there, as `crm/record`. `erased_at` (UTC) is set where it was done before."""

    leads: tuple[str, ...]
    touches: int
    deliveries: int
    fields: tuple[str, ...]
    owner: str | None
    crm: tuple[str, ...]
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Erasures:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    pseudonyms: Pseudonyms
    clock: Clock
    telemetry: Telemetry

    def by_email(self, address: str) -> str:
        """The id of the lead with this address. Raises Reject, saying what to do."""
        known = normal.email(address)
        if known is None:
            raise Reject("no_address", "it is not an e-mail address")
        if is_role_address(known, self.rules.current().fields):
            raise Reject("shared", _MANY)
        return self._named("email", known)

    def by_phone(self, number: str) -> str:
        """The id of the lead with this number, written with its country code. Raises Reject, saying what to do."""
        known = normal.phone(number, "ZZ")
        if known is None:
            raise Reject("no_number", "write the number with its country code, such as +48 22 123 45 67")
        if is_switchboard(known, self.rules.current().fields):
            raise Reject("shared", _MANY)
        return self._named("phone", known)

    def _named(self, kind: IdentityKind, value: str) -> str:
        known = self.store.load(ident_key(kind, self.pseudonyms.of(kind, value)))
        if known is None or not known.lead_id:
            raise Reject("unknown", _NOBODY)
        if known.is_shared:
            raise Reject("shared", _MANY)
        return known.lead_id

    def plan(self, lead_id: str) -> Erasing:
        """What it would do; nothing is written. Raises Reject for an unknown lead, and for aliases that do not end."""
        lead = self._living(lead_id)
        family = Family.of(lead, self.store)
        rows = [row for story in family.stories.values() for row in story if isinstance(row, SyncRecord)]
        touches = family.touches()
        return Erasing(
            leads=family.ids,
            touches=len(touches),
            deliveries=len(self._deliveries(touches)),
            fields=tuple(sorted(lead.profile.values)),
            owner=lead.lead.ownership.rep or lead.lead.ownership.queue,
            crm=tuple(sorted(f"{row.crm}/{row.crm_id}" for row in rows if row.crm_id is not None)),
            erased_at=lead.lead.erased_at,
        )

    def __call__(self, lead_id: str) -> bool:
        """Do it; False where the rest is done by the sweep within minutes, because the CRM is being written just now.
        Raises Reject as `plan` does."""
        self._living(lead_id)
        rules, now = self.rules.current(), self.clock.now()
        asked = _asked(lead_id, now)
        cause = f"erase:{lead_id}"
        context = Context(correlation_id=asked.touch.touch_id, causation_id=cause, rules_version=rules.version, at=now)
        with suppress(Conflict):  # it was asked for before
            self.store.commit(Change(cause=cause, puts=(Put(asked),)))
        work = Erase(self.store, self.pseudonyms, rules, self.telemetry)
        for _ in range(ATTEMPTS):
            record = self.store.load(asked.key())
            if record is None or record.state == "done":
                return True
            try:
                work(record, context)
            except Busy:
                return False
            except Conflict:
                continue
            return True
        return False

    def _living(self, lead_id: str) -> LeadRecord:
        try:
            lead = living(lead_id, self.store)
        except Tangled as circle:
            raise Reject("tangled_aliases", str(circle)) from None
        if lead is None:
            raise Reject("unknown_lead", "no lead has this id")
        return lead

    def _deliveries(self, touches: list[str]) -> set[str]:
        found = self.store.load_all([touch_key(each) for each in touches])
        first = {each.touch.delivery for each in found if each is not None and each.touch.delivery is not None}
        beside = (row for each in touches for row in self.store.story(touch_key(each).pk))
        return first | {row.delivery for row in beside if isinstance(row, RepeatRecord)}


def _asked(lead_id: str, now: datetime) -> TouchRecord:
    """The erasure that a person asks for; there is one at most for each lead."""
    touch = Touch(
        touch_id=touch_id(BY_HAND, lead_id),
        kind="erasure",
        source=BY_HAND,
        vendor=BY_HAND,
        trust="verified",
        received_at=now,
        occurred_at=now,
    )
    return TouchRecord(version=1, touch=touch, state="ready", lead_id=lead_id, due_at=now + ANSWER_WITHIN)
