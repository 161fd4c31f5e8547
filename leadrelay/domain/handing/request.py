"""A new request: who has an owner and asks again is owed an answer again, by the owner or by who is there instead.

The owner answers where they can do so as promised. Else the question whose the lead is goes to all of its pool: the
owner is asked first, and keeps it where nobody else would be sooner.
"""

from __future__ import annotations

from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import ClockStopped
from leadrelay.domain.clocks.keeping import keep
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.clocks.starting import assignment_clock, contact_clock
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerKept, OwnerNeeded
from leadrelay.domain.routing.in_time import owes
from leadrelay.domain.routing.present import can_answer
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.stages.tries import since as tried_since


def answer_again(decision: Decision, state: RepState) -> None:
    """What follows when the person has just asked again, or asks for a call at another time. `state` is what is known
    of the owner's absences."""
    lead, rules, at = decision.lead, decision.rules, decision.at
    if lead.ownership.rep is None or lead.wanted is not None:
        return
    started = contact_clock(lead, lead.ownership.rep, decision.seen(), rules, at)
    if started is None or not _is_news(started.clock, lead.clock("first_contact")):
        return
    if can_answer(lead, state, decision.seen(), rules, at):
        _owe(decision)
    else:
        hop = lead.ownership.hop
        decision.say(OwnerNeeded(why="again", hop=hop), assignment_clock(hop, rules, at))


def answer_meanwhile(before: Lead, decision: Decision) -> None:
    """What they asked while it was open whose the lead is after a breach, where its owner keeps it and nobody has
    reached out since: it is owed like any other request. `before` is the lead when the question was still open."""
    lead, clock = decision.lead, before.clock("first_contact")
    since = None if clock is None or before.wanted is None else clock.breached_at
    kept = lead.wanted is None and lead.ownership.hop == before.ownership.hop
    if not kept or since is None or lead.asked_at is None or lead.asked_at <= since:
        return
    if not tried_since(lead.tries, lead.asked_at):
        answer_again(decision, RepState())


def keeps(decision: Decision) -> None:
    """The lead stays with its owner, about whom it was asked whether another answers instead. Nothing is owed any more
    when they called meanwhile."""
    lead, rules, at = decision.lead, decision.rules, decision.at
    owed = owes(lead, at)
    asked = lead.clock("assignment")
    decision.say(
        None if asked is None else ClockStopped(kind=asked.kind, hop=asked.hop, why="kept"),
        OwnerKept(rep=lead.ownership.rep or "", hop=lead.ownership.hop),
    )
    if owed:
        _owe(decision)
    else:
        decision.say(next_step(decision.lead, "Follow up", rules, at))
    keep(decision)
    decision.show()


def _owe(decision: Decision) -> None:
    lead, rules, at = decision.lead, decision.rules, decision.at
    decision.say(contact_clock(lead, lead.ownership.rep or "", decision.seen(), rules, at))
    decision.say(
        next_step(decision.lead, "Answer the new request", rules, at),
        notice("new_request", decision.lead, lead.ownership.hop, at),
    )


def _is_news(clock: Clock, running: Clock | None) -> bool:
    """A promise that is already running stands, but for a call at another time. One that was broken is made anew, and
    so is one that was put off: who asks again is not told to wait."""
    if running is None or not running.runs:
        return True
    return clock.policy == CALLBACK and (running.policy, running.due_at) != (CALLBACK, clock.due_at)
