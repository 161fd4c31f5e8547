"""Assigning: a lead goes to whom the choice names, with the clocks, the next step and the notices that follow."""

from __future__ import annotations

from leadrelay.domain.clocks.contact import has_booked
from leadrelay.domain.clocks.keeping import dropped, keep
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.starting import contact_clock
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.criteria import handed_over
from leadrelay.domain.handing.hold import hold
from leadrelay.domain.handing.request import keeps
from leadrelay.domain.lead import Lead
from leadrelay.domain.nurture.enrol import keep_enrolled, queue_step
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.eligibility import holder
from leadrelay.domain.routing.facts import LeadAssigned, LeadUnassignable
from leadrelay.domain.routing.in_time import owes
from leadrelay.domain.routing.ledger import class_of
from leadrelay.domain.routing.waiting import reason
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.advance import queue_status
from leadrelay.domain.stages.meetings import HOLD, planned

HANDED_BACK = "Go on qualifying"
"""The next step of who gets a lead back that was not ready to be handed over."""


def assign(choice: Choice, decision: Decision, taken: str | None = None) -> None:
    """The lead goes where the choice says, or waits: clocks, next step and notices follow. `taken` is why somebody has
    it who was not chosen."""
    lead, rules, at = decision.lead, decision.rules, decision.at
    if choice.waits is not None:
        hold(choice, decision)
        return
    if choice.rep is not None and choice.rep == holder(lead):
        keeps(decision)
        return
    hop, why = lead.ownership.hop + 1, taken or (lead.wanted.why if lead.wanted is not None else "new")
    owed = not lead.rests and owes(lead, at)
    decision.say(*dropped(lead, why) if lead.closed else dropped(lead, why, "next_step"))
    decision.say(_assigned(choice, hop, why, lead, rules))
    if choice.unassignable is not None:
        decision.say(
            LeadUnassignable(why=choice.unassignable, fallback=choice.rep or ""),
            notice("unassignable", decision.lead, hop, at),
        )
    handed_over(lead, decision)
    if choice.rep is not None and owed:
        decision.say(contact_clock(decision.lead, choice.rep, decision.seen(), rules, at))
    decision.say(queue_status(lead.ownership, decision.lead, rules))
    keep_enrolled(decision)
    if choice.queue is None:
        decision.say(None if lead.closed else planned(_step(choice, lead, owed), decision))
        decision.say(notice("assigned", decision.lead, hop, at))
    elif not lead.closed:
        queue_step(decision)
    keep(decision)
    decision.show()


def _assigned(choice: Choice, hop: int, why: str, lead: Lead, rules: Rules) -> LeadAssigned:
    """With the promise that could be made, where nobody can be in time."""
    promised = (each.due_at for each in choice.candidates if each.rep == choice.rep and each.late is not None)
    team = None if choice.pool is None else rules.team.pool(choice.pool).team
    by_turn = lead.live and choice.pool is not None and choice.rep is not None and choice.unassignable is None
    return LeadAssigned(
        hop=hop,
        why=why,
        rule=choice.rule,
        rep=choice.rep,
        pool=choice.pool,
        queue=choice.queue,
        team=team,
        skipped=dict(choice.skipped),
        due_at=next(promised, None),
        asked_first=dict(choice.asked_first),
        account_by=choice.account_by,
        counted=class_of(lead) if by_turn else None,
    )


def _step(choice: Choice, lead: Lead, owed: bool) -> str:
    """Who takes over a lead that is being worked goes on with what was planned; who gets one back, with what is
    missing; who gets one with a meeting, with that."""
    if reason(lead) == "hand_back":
        return HANDED_BACK
    if has_booked(lead) and not owed:
        return HOLD
    goes_on = reason(lead) in ("handover", "passed") and not owed and lead.ownership.waits is None
    return choice.next_step if lead.next_step is None or not goes_on else lead.next_step.what
