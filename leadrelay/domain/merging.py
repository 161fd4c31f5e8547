"""Two leads that turned out to be one person: what the winner gains, what becomes of the other."""

from __future__ import annotations

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import Absorbed, LeadMerged


def absorbed(loser: Lead, by: tuple[str, ...] = ()) -> LeadMerged:
    """What the winner's log says: everything of the loser that is no personal data. `by` is what showed that they are
    one person."""
    return LeadMerged(
        by=by,
        absorbed=Absorbed(
            lead_id=loser.lead_id,
            captured_at=loser.captured_at,
            touches=loser.touches,
            signals=loser.signals,
            pages=loser.pages,
            first=loser.first,
            last=loser.last,
            temperature=loser.temperature,
            contacted_at=loser.contacted_at,
            attempts=loser.attempts,
            standing=loser.standing,
            deals=loser.deals,
            qualifications=loser.qualifications,
            apart=loser.apart,
            permission=loser.permission,
            callback=loser.callback,
            last_touch=loser.last_touch,
        ),
    )


def owed(loser: Lead) -> bool:
    """Whether the person still waits for the answer that this lead was promised: the winner's owner owes it now."""
    asked = loser.wanted is not None and loser.temperature is not None
    return loser.live and (asked or loser.clock("first_contact") is not None)


def merged(winner_id: str, by: tuple[str, ...] = ()) -> LeadMerged:
    """What the loser's log says: it is an alias now."""
    return LeadMerged(into=winner_id, by=by)
