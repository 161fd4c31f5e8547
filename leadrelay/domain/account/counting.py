"""Counting a lead among the people of its account, while a touch of it is heard."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.account.crowd import Crowd, colleague
from leadrelay.domain.account.facts import AccountCounted
from leadrelay.domain.decision import Decision
from leadrelay.domain.person.facts import LeadMerged
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.touch import NOT_THEIRS, Touch

_DOMAIN = "account.domain"


def home(profile: Profile) -> str | None:
    """The account that a profile belongs to."""
    return profile.text(_DOMAIN)


def counted(touch: Touch, decision: Decision, accounts: Mapping[str, Crowd]) -> AccountCounted | None:
    """The news of how many people of the lead's account there are, this lead as it is now among them; None where
    nothing is new. What is done in the CRM is no sign of life."""
    domain, lead = home(decision.profile), decision.lead
    if touch.kind in NOT_THEIRS or domain is None or domain not in accounts:
        return None
    crowd = crowds_after(touch, decision, accounts)[domain]
    found = crowd.counted(decision.rules.scoring.account, decision.at)
    return None if (found.people, found.active) == (lead.account_people, lead.account_active) else found


def crowds_after(touch: Touch, decision: Decision, accounts: Mapping[str, Crowd]) -> dict[str, Crowd]:
    """The accounts after this touch: the lead is at its own and at no other, and leads that became it at none."""
    lead, policy = decision.lead, decision.rules.scoring.account
    merges = (fact.absorbed for fact in decision.facts if isinstance(fact, LeadMerged))
    gone = [merge.lead_id for merge in merges if merge is not None]
    after = {domain: crowd.without((*gone, lead.lead_id)) for domain, crowd in accounts.items()}
    domain = home(decision.profile)
    if domain is None or domain not in accounts:
        return after
    here = accounts[domain]
    known = [each for each in here.people if each.lead_id in (*gone, lead.lead_id)]
    if touch.kind not in NOT_THEIRS or not known:
        known.append(colleague(lead.lead_id, lead.signals, touch.occurred_at, policy))
    crowd = after[domain]
    for each in known:
        crowd = crowd.seen(each.with_(lead_id=lead.lead_id))
    return {**after, domain: crowd}
