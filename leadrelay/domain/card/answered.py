"""Why a lead was given back, where nobody said so in the CRM: by the link in a notice."""

from __future__ import annotations

from leadrelay.domain.card.note import Note
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules

_SAYS = {"reject": ("rejected", "gave this lead back for good"), "nurture": ("recycled", "found it too early")}
"""A link's action -> the disposition as long as it stands, and what the rep did."""


def answer_note(lead: Lead, rules: Rules) -> Note | None:
    """One note for each time; None where the CRM itself says it, and once the lead is open again."""
    owner = lead.ownership
    for action, at in reversed(owner.answered.items()):
        disposition, says = _SAYS.get(action, ("", ""))
        if lead.disposition == disposition and owner.rep is not None:
            why = (lead.reason or "").replace("_", " ")
            body = f"{rules.team.rep(owner.rep).name} {says}, by the link in a notice: {why}."
            return Note(name=f"{owner.hop}-{action}", body=body, at=at)
    return None
