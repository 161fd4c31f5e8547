"""One thing that somebody said, of several: their lead becomes what it would be without, in everything we keep.

The log is folded again as when two people are parted. A touch that came with a lead which was merged since is taken out
of that one's log, and of what it brought to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from leadrelay.domain.account.counting import home
from leadrelay.domain.card.card import PERSON, digest
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.merging import brings
from leadrelay.domain.parting import without
from leadrelay.domain.person.erasing import erase_touch
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import LeadRecord, SyncRecord, TouchRecord
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.accounts import at_their_accounts
from leadrelay.workflows.family import Family
from leadrelay.workflows.forget import forgotten, silenced
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.testimony import Testimony

Part = tuple[LeadRecord, Decision]


@dataclass(frozen=True, slots=True)
class EraseResponse:
    """The workflow with its ports and the rules of now."""

    store: Store
    pseudonyms: Pseudonyms
    rules: Rules

    def __call__(self, lead: LeadRecord, said: TouchRecord, context: Context) -> None:
        """Do it, in one transaction. Raises Conflict when something has moved on."""
        family = Family.of(lead, self.store)
        heard = Testimony.of(family.touches(), self.store, self.rules, self.pseudonyms, context.at)
        parts = _parts(said, family, heard, self.rules, context.at)
        before, after = parts[-1]
        kept: Mapping[str, JsonValue] = {"erasure": said.touch.touch_id}
        puts = written([Outcome(decision, record, context, kept) for record, decision in parts], self.store)
        puts = [_put_right(put, before.profile, after.profile) for put in puts]
        puts += (Put(forgotten(said, context.at)), *silenced(said.touch.touch_id, self.store))
        puts += (*heard.given_by(said.touch.touch_id, family.ids), *self._account(before, after))
        self.store.commit(Change(cause=context.causation_id, puts=tuple(puts)))

    def _account(self, before: LeadRecord, after: Decision) -> Iterator[Put]:
        """At the account of what they still say."""
        was, lead = home(before.profile), after.lead
        if was != home(after.profile):
            seen_at = lead.captured_at if lead.last_touch is None else lead.last_touch.at
            yield from at_their_accounts([(after, seen_at)], was, [lead.lead_id], self.store)


def _parts(said: TouchRecord, family: Family, heard: Testimony, rules: Rules, at: datetime) -> list[Part]:
    """Each lead of the chain without the touch, from the one that it came with to the living one."""
    touch_id, parts = said.touch.touch_id, list[Part]()
    for record in _chain(said, family):
        instead = brings(parts[-1][1].lead) if parts else None
        rest = without(family.book(record.lead.lead_id), "", instead, (touch_id,))
        echoes = {str(value.value) for value in record.profile.values.values() if value.touch_id == touch_id}
        others = {each.lead.lead_id: decision.profile for each, decision in parts}
        profile = heard.profile_without(record, rest, {touch_id}, echoes, others)
        decision = Decision(record.lead, record.profile, rules, at)
        erase_touch(touch_id, rest, profile, decision, instead)
        parts.append((record, decision))
    return parts


def _chain(said: TouchRecord, family: Family) -> list[LeadRecord]:
    """The lead that a touch was told to, and those that it became part of, one after another."""
    leads = {each.lead.lead_id: each for each in family.leads}
    chain, lead_id = list[LeadRecord](), said.lead_id
    while lead_id is not None and lead_id in leads:
        chain.append(leads.pop(lead_id))
        lead_id = chain[-1].lead.merged_into
    return chain


def _put_right(put: Put, before: Profile, after: Profile) -> Put:
    """What the record in the CRM took from us of it is taken back there."""
    row = put.record
    if not isinstance(row, SyncRecord):
        return put
    lost = {
        name
        for name, field in PERSON.items()
        if (text := before.text(field)) is not None
        and text != after.text(field)
        and row.shows.get(name) == digest(text)
    }
    return Put(row.with_(astray=tuple(sorted({*row.astray, *lost}))))
