"""Two leads that turned out to be one person: what the winner gains, what becomes of the other."""

from __future__ import annotations

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import Absorbed, LeadMerged
from leadrelay.domain.routing.waiting import owes_first_contact


def absorbed(loser: Lead, by: tuple[str, ...] = ()) -> LeadMerged:
    """What the winner's log says. `by` is what showed that they are one person."""
    return LeadMerged(by=by, absorbed=brings(loser))


def brings(lead: Lead) -> Absorbed:
    """Everything of a lead that is no personal data, and that becomes another's with it."""
    return Absorbed(
        lead_id=lead.lead_id,
        captured_at=lead.captured_at,
        touches=lead.touches,
        signals=lead.signals,
        pages=lead.pages,
        first=lead.first,
        last=lead.last,
        temperature=lead.temperature,
        contacted_at=lead.contacted_at,
        attempts=lead.attempts,
        standing=lead.standing,
        deals=lead.deals,
        absorbed=lead.absorbed,
        qualifications=lead.qualifications,
        apart=lead.apart,
        permission=lead.permission,
        callback=lead.callback,
        last_touch=lead.last_touch,
        tries=lead.tries,
        asked_at=lead.asked_at,
        lead_clock=lead.clock("lead"),
        first_partner=lead.first_partner,
        last_partner=lead.last_partner,
        conversation=lead.conversation,
    )


def owed(loser: Lead) -> bool:
    """Whether the person still waits for the answer that this lead was promised: the winner's owner owes it now."""
    asked = loser.wanted is not None and loser.temperature is not None
    waits = loser.waits and owes_first_contact(loser)
    return loser.live and (asked or waits or loser.clock("first_contact") is not None)


def merged(winner_id: str, by: tuple[str, ...] = ()) -> LeadMerged:
    """What the loser's log says: it is an alias now."""
    return LeadMerged(into=winner_id, by=by)
