"""The second look: before a lead is taken away, the CRM is asked whether its owner did call.

What is found there is taken in like anything that polling brings, under the same keys: so it counts once, and the lead
hears of it in the same way, whoever was first. Where there is nothing to be found, the breach stands at once. Trouble
of the CRM's is no reason to let somebody wait: then it stands too, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leadrelay.domain.clocks.contact_breach import is_asked
from leadrelay.domain.decide import settle
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Metadata
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import ContactDoubted, Looked
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import CONTACT_EVENTS, TouchDraft, touch_id
from leadrelay.ports.clock import Clock
from leadrelay.ports.contacts import PromptContacts
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.records import SyncRecord, lead_key, sync_key, touch_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Change, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import answering
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written
from leadrelay.workflows.take import Brought, Take

BUDGET_SECONDS = 2.0
"""So long the CRM is waited for."""

_UNDER_WAY = ("received", "ready")


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The workflow with its ports; `contacts` gives who can be asked in the account of a source, None for a CRM that
    nobody can ask."""

    store: Store
    rules: Rules
    contacts: Callable[[SourceSettings], PromptContacts | None]
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: ContactDoubted, metadata: Metadata) -> None:
        """Look, and say what follows. Raises Retry while others change the lead."""
        record = self.store.load(lead_key(metadata.lead_id or ""))
        if record is None or not is_asked(record.lead, fact):
            return
        rules = self.rules.version(metadata.rules_version)
        looked = self._look(record.lead, fact, metadata, rules)
        self.telemetry.count("SecondLooks", outcome=looked or "found")
        if looked is not None:
            self._settle(looked, fact, metadata, rules)

    def _look(self, lead: Lead, fact: ContactDoubted, metadata: Metadata, rules: RuleSet) -> Looked | None:
        """What came of looking; None when a contact was found, and is on its way to the lead."""
        settings = _settings(rules)
        people = self._people(lead, settings.vendor)
        if not people:
            return "no_record"
        try:
            contacts = self.contacts(settings)
            if contacts is None:
                return "no_crm"
            made = contacts.made(people, fact.since, BUDGET_SECONDS)
        except (Retry, Reject, Misconfigured) as trouble:
            self.telemetry.line("second_look_failed", lead_id=lead.lead_id, error=type(trouble).__name__)
            return _TROUBLE[type(trouble)]
        found = [draft for draft in made if _counts(draft, fact)]
        return None if self._take(found, settings, metadata, rules) else "nothing_there"

    def _people(self, lead: Lead, crm: str) -> Sequence[str]:
        """The CRM's ids of everybody that this lead is."""
        rows = self.store.load_all([sync_key(lead_id, crm) for lead_id in (lead.lead_id, *lead.absorbed)])
        ids = (row.crm_id for row in rows if isinstance(row, SyncRecord))
        return list(dict.fromkeys(crm_id for crm_id in ids if crm_id is not None))

    def _take(self, found: Sequence[TouchDraft], settings: SourceSettings, metadata: Metadata, rules: RuleSet) -> bool:
        """Whether one of them is still to be heard. One that was heard before the breach has not prevented it: it is
        not the contact that is waited for."""
        brought = Brought(settings, "verified", f"look:{metadata.fact_id}", rules.version, self.clock.now())
        take = Take(self.store, self.telemetry)
        new = [take(draft, brought) for draft in found]
        known = self.store.load_all([touch_key(touch_id(settings.name, draft.key)) for draft in found]) if found else []
        return any(new) or any(record is not None and record.state in _UNDER_WAY for record in known)

    def _settle(self, looked: Looked, fact: ContactDoubted, metadata: Metadata, rules: RuleSet) -> None:
        """A contact that is heard of meanwhile was first: then there is nothing to settle."""
        for _ in range(ATTEMPTS):
            record = self.store.load(lead_key(metadata.lead_id or ""))
            if record is None or not is_asked(record.lead, fact):
                return
            decision = Decision(record.lead, record.profile, rules, self.clock.now())
            settle(looked, decision)
            outcome = Outcome(decision, record, answering(metadata, decision.at), {})
            try:
                self.store.commit(Change(cause=metadata.fact_id, puts=tuple(written([outcome], self.store))))
            except Conflict:
                self.telemetry.count("Conflicts", workflow="second_look")
            else:
                return
        raise Retry(1, "the lead is being changed by others")


_TROUBLE: dict[type[Exception], Looked] = {Retry: "away", Reject: "refused", Misconfigured: "misconfigured"}


def _settings(rules: RuleSet) -> SourceSettings:
    """The source by which the CRM is heard of, so that a contact is known by the same key; where there is none, one
    that is named like the CRM."""
    vendor = rules.crm.vendor
    sources = ((name, policy) for name, policy in rules.sources.sources.items() if policy.vendor == vendor)
    name, policy = next(sources, (vendor, SourcePolicy(vendor=vendor)))
    return SourceSettings(name=name, vendor=vendor, options=policy.options)


def _counts(draft: TouchDraft, fact: ContactDoubted) -> bool:
    at = draft.occurred_at
    return draft.kind == "activity" and draft.event in CONTACT_EVENTS and at is not None and at >= fact.since
