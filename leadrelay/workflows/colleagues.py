"""Who has other people of the same company open: read before an owner is chosen, so that one company hears one voice.

Only read, not held to: who was heard of a moment ago may be somebody else's by now, and then two reps find out from the
CRM. What was read stands in the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadrelay.domain.account.counting import home
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.ports.records import LeadRecord, PeopleRecord, lead_key, people_key
from leadrelay.ports.store import Store
from leadrelay.workflows.readable import readable

MOST = 10
"""So many of the company's people are looked at: those who were here last."""


def colleagues(store: Store, asked: Iterable[tuple[Lead, Profile]]) -> dict[str, tuple[str, ...]]:
    """Lead id → the reps who own others of its account, who was here last first; for leads with nobody beside them
    nothing is read."""
    known = {lead.lead_id: home(profile) for lead, profile in asked if (lead.account_people or 0) > 1}
    homes = {lead_id: domain for lead_id, domain in known.items() if domain is not None}
    if not homes:
        return {}
    people = [people_key(domain) for domain in dict.fromkeys(homes.values())]
    crowds = {record.domain: record.crowd for record in readable(store, people) if isinstance(record, PeopleRecord)}
    beside = {
        lead_id: [each.lead_id for each in crowds[domain].people if each.lead_id != lead_id][:MOST]
        for lead_id, domain in homes.items()
        if domain in crowds
    }
    owners = dict(_owners(store, dict.fromkeys(each for others in beside.values() for each in others)))
    return {
        lead_id: tuple(dict.fromkeys(owners[each] for each in others if each in owners))
        for lead_id, others in beside.items()
    }


def _owners(store: Store, leads: Iterable[str]) -> Iterator[tuple[str, str]]:
    keys = [lead_key(lead_id) for lead_id in leads]
    for record in readable(store, keys) if keys else ():
        lead = record.lead if isinstance(record, LeadRecord) else None
        if lead is not None and lead.merged_into is None and not lead.closed and lead.ownership.rep is not None:
            yield lead.lead_id, lead.ownership.rep
