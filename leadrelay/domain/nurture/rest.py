"""Leads at rest: given back as too early until a moment that was agreed, let go after a long silence, and open again
when the person, the moment or a colleague comes back."""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import Heard
from leadrelay.domain.lead import Lead
from leadrelay.domain.nurture.enrol import end, ends_at, queue_step
from leadrelay.domain.nurture.facts import Back, LeadReactivated, LeadRetired
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import StatusChanged

GET_BACK = "Get back in touch"
"""The next step of who owns a lead that comes back."""


def come_back(heard: Heard, decision: Decision, asks: bool) -> None:
    """Open the lead again if this touch is a reason to: they ask, or show since then that they want to buy. Any other
    visit or mail is not."""
    why = _why_back(heard, decision, asks)
    if why is not None:
        reactivate(why, decision)
        if why == "behaviour":
            _remind(decision)


def reactivate(why: Back, decision: Decision) -> None:
    """Open it again: a new start. Its stage follows with the next judgement, when its points are known."""
    decision.say(LeadReactivated(why=why))
    lead = decision.lead
    queue = lead.ownership.queue
    status = "new" if queue is None else decision.rules.team.queue(queue).status
    if lead.status != status and why != "worked":
        decision.say(StatusChanged(before=lead.status, after=status, why="reactivated"))


def wake(decision: Decision) -> bool:
    """The agreed time to get back in touch has come; whether it has."""
    lead = decision.lead
    if lead.wakes_at is None or lead.wakes_at > decision.at or not lead.decided or lead.merged_into is not None:
        return False
    reactivate("timing", decision)
    _remind(decision)
    return True


def retire(decision: Decision) -> None:
    """Let go of a lead of which nothing was heard for long and which nobody works, if the rules say so."""
    policy, lead = decision.rules.stages.nurture.retire, decision.lead
    if policy is None or lead.closed or _is_worked(lead, decision.rules):
        return
    silent = decision.at - last_sign(lead)
    if silent < policy.after or not decision.rules.holds(policy.if_, decision.seen(), decision.at):
        return
    end(decision, "retired")
    decision.say(LeadRetired(days=silent.days))
    if policy.status is not None and policy.status != decision.lead.status:
        decision.say(StatusChanged(before=decision.lead.status, after=policy.status, why="retired"))


def next_rest(lead: Lead, rules: Rules, now: datetime) -> datetime | None:
    """The next instant after `now` (UTC) at which time alone ends the lead's sequence, or makes it one to let go."""
    policy = rules.stages.nurture.retire
    silent = None if policy is None or lead.closed or _is_worked(lead, rules) else last_sign(lead) + policy.after
    return min((at for at in (ends_at(lead, rules), silent) if at is not None and at > now), default=None)


def last_sign(lead: Lead) -> datetime:
    """When the newest thing we know of happened: the person's doing, a contact, a rep's word, a new owner, its coming
    back: who was opened again just now is not let go for the silence before (UTC)."""
    times = [signal.times[0] for signal in lead.signals.values() if signal.times]
    times += [said.at for said in (lead.last, lead.last_touch) if said is not None]
    known = (lead.contacted_at, lead.recycled_at, lead.reopened_at, lead.ownership.since, lead.captured_at)
    return max([*times, *filter(None, known)])


def _why_back(heard: Heard, decision: Decision, asks: bool) -> Back | None:
    lead, since = decision.lead, decision.lead.rests_since
    if not lead.rests:
        return None
    if asks:
        return "asked"
    if lead.disposition == "rejected":
        return None
    worked = heard.touch.kind == "activity" or any(isinstance(fact, OwnerOverridden) for fact in decision.facts)
    if lead.retired_at is not None and worked:
        return "worked"
    if lead.retired_at is not None and heard.touch.kind == "submission":
        return "asked"  # whatever the form: nobody has the lead in mind any more
    wants = {*heard.signals} & {*decision.rules.scoring.engagement.intent_signals}
    return "behaviour" if wants and since is not None and heard.touch.occurred_at > since else None


def _remind(decision: Decision) -> None:
    """Whoever has the lead gets in touch; a queue goes on with its programme."""
    lead = decision.lead
    if not lead.decided or not lead.ownership.placed:
        return
    if lead.ownership.queue is not None:
        queue_step(decision)
        return
    decision.say(next_step(lead, GET_BACK, decision.rules, decision.at))
    decision.say(notice("get_back", decision.lead, lead.ownership.hop, decision.at))


def _is_worked(lead: Lead, rules: Rules) -> bool:
    """A rep has it and did not give it back; or it is agreed when to get back in touch; or there is a deal."""
    asked = lead.wanted is not None or lead.wakes_at is not None or lead.clock("first_contact") is not None
    owned = lead.ownership.queue is None and lead.disposition != "recycled"
    dealt = "open" in lead.deals.values() or rules.stages.is_customer(lead.stage)
    return asked or owned or dealt
