"""A whole person: their lead, the leads that became it, and everything that was ever said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from leadrelay.domain.account.counting import home
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.person.erasing import erase
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch
from leadrelay.ports.records import LeadRecord, SyncRecord, people_key, touch_key
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.family import Family
from leadrelay.workflows.forget import forget_touch
from leadrelay.workflows.outcome import Outcome, written


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The workflow with its ports and the rules of now."""

    store: Store
    rules: Rules

    def __call__(self, lead: LeadRecord, touch: Touch, context: Context) -> timedelta | None:
        """Remove them. Returns how long to wait for who writes about them to the CRM just now, None when all is done.
        Raises Conflict when something has moved on."""
        family = Family.of(lead, self.store)
        for each in family.leads:
            if each.lead.erased_at is None:
                self._erase(each, family, touch, context)
        family = Family.of(lead, self.store)
        wait = self._forget_crm(family, context)
        said = [touch_key(each) for each in family.touches()]
        for record in self.store.load_all(said):
            if record is not None:
                forget_touch(record, self.store, context)
        return wait

    def _erase(self, record: LeadRecord, family: Family, touch: Touch, context: Context) -> None:
        """In one commit, with all that hangs on it: whose open lead it was, its night, its place at its account."""
        decision = Decision(record.lead, record.profile, self.rules, context.at)
        erase(touch, decision)
        kept: Mapping[str, JsonValue] = {"erasure": touch.touch_id}
        puts = written([Outcome(decision, record, context, kept)], self.store)
        puts += self._away_from(home(record.profile), family.ids)
        self.store.commit(Change(cause=context.causation_id, puts=tuple(puts)))

    def _away_from(self, domain: str | None, lead_ids: Iterable[str]) -> Iterator[Put]:
        people = None if domain is None else self.store.load(people_key(domain))
        if people is not None and (left := people.crowd.without([*lead_ids])) != people.crowd:
            yield Put(people.with_(version=people.version + 1, crowd=left))

    def _forget_crm(self, family: Family, context: Context) -> timedelta | None:
        """Digests of what the CRM showed can be guessed from. Who is writing just now would bring them back."""
        rows = [each for story in family.stories.values() for each in story if isinstance(each, SyncRecord)]
        leases = [row.lease_until - context.at for row in rows if row.lease_until is not None]
        busy = [lease for lease in leases if lease > timedelta()]
        if busy:
            return max(busy)
        for row in rows:
            if (emptied := row.forgotten()) != row.with_(version=emptied.version):
                self.store.commit(Change(cause=context.causation_id, puts=(Put(emptied),)))
        return None
