"""Handing on: the owner gives a lead up, for themselves or because they are away for long or left, and another is
chosen, by the same rules and in the same turns as for any lead."""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.clocks.starting import assignment_clock
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded


def handed_on(decision: Decision, why: Literal["handover", "passed", "hand_back"], pool: str | None = None) -> bool:
    """Ask whose the lead is instead of its owner's, in `pool` or where it belongs; whether there was anything to ask.
    A person's choice of the owner does not stand against it: it is that owner who goes."""
    lead = decision.lead
    if not may_be_handed_on(lead):
        return False
    exclude = (lead.ownership.rep or "",)
    decision.say(
        OwnerNeeded(why=why, hop=lead.ownership.hop, exclude=exclude, pool=pool),
        assignment_clock(lead.ownership.hop, decision.rules, decision.at),
    )
    return True


def may_be_handed_on(lead: Lead) -> bool:
    """Whether a rep has it, somebody is to work it some day, and the question whose it is is not open already."""
    gone = lead.merged_into is not None or lead.closed or not lead.decided
    return not gone and lead.ownership.rep is not None and lead.wanted is None
