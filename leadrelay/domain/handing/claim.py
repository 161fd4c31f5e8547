"""Claiming: a lead that is open to all of its pool is whose who accepts it first."""

from __future__ import annotations

from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.routing.choose import FALLBACK, Choice
from leadrelay.domain.routing.claim import may_claim


def claimed(rep: str, decision: Decision) -> bool:
    """Give the lead to `rep`, if it still waits and they are of its pool; whether it is theirs now. Whose turn that was
    is counted by whoever writes the decision (`leadrelay/workflows/staff.py`)."""
    lead, rules = decision.lead, decision.rules
    if not may_claim(lead, rep, rules.team):
        return False
    owner = lead.ownership
    step = next((rule.next_step for rule in rules.routing.rules if rule.id == owner.rule), "Call")
    choice = Choice(rule=owner.rule or FALLBACK, rep=rep, pool=owner.pool, next_step=step)
    assign(choice, decision, taken="claimed")
    return True
