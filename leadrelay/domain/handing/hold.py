"""Holding: a lead that nobody may take now keeps a place in its pool, with a clock that ends the waiting for sure."""

from __future__ import annotations

from leadrelay.domain.clocks.keeping import dropped, keep
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.waiting_clock import backlog_clock
from leadrelay.domain.decision import Decision
from leadrelay.domain.nurture.enrol import keep_enrolled
from leadrelay.domain.nurture.rest import GET_BACK
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.facts import LeadWaits
from leadrelay.domain.routing.in_time import owes
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.waiting import reason
from leadrelay.domain.stages.advance import queue_status

_STEPS = {"backlog": "Waits for a free rep", "claim": "Waits for somebody to claim it"}


def hold(choice: Choice, decision: Decision) -> None:
    """The lead waits where the choice says, or goes on waiting there."""
    lead, rules, at = decision.lead, decision.rules, decision.at
    if choice.waits is None or choice.pool is None:
        return
    waits = LeadWaits(
        hop=lead.ownership.hop + 1,
        why=reason(lead),
        rule=choice.rule,
        pool=choice.pool,
        waits=choice.waits,
        skipped={each.rep: Skip.of(each) for each in choice.candidates if each.failed is not None},
        owed=owes(lead, at),
    )
    decision.say(*dropped(lead, waits.why, "next_step", "backlog"), waits)
    decision.say(queue_status(lead.ownership, decision.lead, rules))
    keep_enrolled(decision)
    if not lead.rests:
        decision.say(backlog_clock(decision.lead, rules.team.pool(choice.pool), at))
        decision.say(next_step(decision.lead, _STEPS[choice.waits], rules, at))
        offered = choice.waits == "claim" and lead.ownership.waits != "claim"
        decision.say(notice("offered", decision.lead, waits.hop, at) if offered else None)
    elif not lead.closed:
        decision.say(next_step(decision.lead, GET_BACK, rules, at))
    keep(decision)
    decision.show()
