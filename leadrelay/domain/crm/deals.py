"""Adopting how far the CRM says a lead has come: by its deals, and by the stage that a person put it in."""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.nurture.facts import LeadReactivated
from leadrelay.domain.stages.advance import moved, regress
from leadrelay.domain.stages.enter import enter
from leadrelay.domain.stages.facts import DealLost, DealOpened, DealWon
from leadrelay.domain.touch import Deal


def go(stage: str, why: Literal["crm", "deal"], decision: Decision, said: str = "crm") -> None:
    """On to a stage; a lead at rest is open again."""
    change = moved(decision.lead, stage, decision.rules, said)
    if change is not None and decision.lead.rests:
        decision.say(LeadReactivated(why=why))
    enter(change, decision)


def adopt_deal(deal_id: str, deal: Deal, reason: str | None, decision: Decision) -> None:
    """A deal as it is now, and the stage that it stands for."""
    before = decision.lead.deals.get(deal_id)
    if before == deal.state:
        return
    decision.say(deal_fact(deal_id, deal, decision.rules.stages.nurture.reason(reason)))
    stage = next((rule.id for rule in decision.rules.stages.lifecycle if rule.deal == deal.state), None)
    if stage is not None:
        go(stage, "deal", decision, said=f"deal {deal.state}")
        if before == "won":
            decision.say(regress(decision.lead, stage, decision.rules, "deal reopened"))


def deal_fact(deal_id: str, deal: Deal, reason: str | None) -> Fact:
    """What a deal in this state tells; `reason` is a code of the rules (stages.yaml, `reasons`)."""
    if deal.state == "lost":
        return DealLost(deal_id=deal_id, reason=reason)
    kind = DealWon if deal.state == "won" else DealOpened
    return kind(deal_id=deal_id, amount=deal.amount, currency=deal.currency)
