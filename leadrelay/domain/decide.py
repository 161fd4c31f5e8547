"""The decisions about a lead: hear a touch, judge it, let its clocks fire.

Each takes a lead and the rules and returns the lead afterwards with the facts that say how it came about. Nothing here
reads a clock or a table, so a decision can be explained, replayed and simulated.
"""

from __future__ import annotations

from datetime import timedelta

from leadrelay.domain.account.counting import counted
from leadrelay.domain.card.card import is_known
from leadrelay.domain.card.talking import talked
from leadrelay.domain.clocks.clock import AT_ONCE
from leadrelay.domain.clocks.contact_breach import confirmed, reached
from leadrelay.domain.clocks.keeping import keep
from leadrelay.domain.clocks.machine import due_kinds, fired
from leadrelay.domain.clocks.next_step import next_step, renewed
from leadrelay.domain.clocks.starting import assignment_clock
from leadrelay.domain.crm.adopt import NOTHING, Shown, adopt
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.request import answer_again, answer_meanwhile
from leadrelay.domain.hearing import Heard
from leadrelay.domain.heeding import heed
from leadrelay.domain.nurture.enrol import keep_enrolled, queue_step
from leadrelay.domain.nurture.rest import come_back, retire, wake
from leadrelay.domain.person.facts import LeadEnriched, TouchIdentified
from leadrelay.domain.person.permission_facts import CallbackRequested
from leadrelay.domain.routing.destination import destination, owner_needed
from leadrelay.domain.routing.facts import Looked
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.scoring.score import scored
from leadrelay.domain.stages.advance import advanced, reentered
from leadrelay.domain.stages.alert import alert
from leadrelay.domain.stages.enter import accept, enter, qualify
from leadrelay.domain.stages.facts import ContactAttempted, MeetingBooked, StageChanged, StatusChanged
from leadrelay.domain.stages.meetings import HOLD, fell_through, moved, planned
from leadrelay.domain.touch import MACHINE

_PRESENT = RepState()
"""Nothing is known of an absence."""


def hear(
    heard: Heard, decision: Decision, shown: Shown = NOTHING, waits: bool = False, owner: RepState = _PRESENT
) -> None:
    """A touch of this lead: learn, count, score, move the stage, ask for an owner where one is due. `shown` is what we
    wrote into its record, for a touch from the CRM; `waits`: the same person, known as another lead until now, is still
    owed an answer; `owner`: what is known of the absences of who has the lead."""
    touch = heard.touch
    known, by_machine, came = decision.profile, touch.origin.medium == MACHINE, heard.came
    decision.say(
        TouchIdentified(
            touch_id=touch.touch_id,
            kind=touch.kind,
            occurred_at=touch.occurred_at,
            received_at=touch.received_at,
            signals=heard.signals,
            page=None if by_machine else touch.origin.page,
            temperature=heard.temperature,
            attribution=heard.attribution,
            standing=heard.standing,
            by_machine=by_machine,
            source_channel=None if came is None else came.channel,
            channel_class=None if came is None else came.channel_class,
            partner=None if came is None or by_machine else came.origin.partner,
            matched_by=heard.matched_by,
            account_by=heard.account_by,
        )
    )
    decision.profile = known.learn(heard.news(known, shown.said)).agreed(heard.consents)
    decision.conclude()
    learnt = sorted(name for name, value in decision.profile.values.items() if known.values.get(name) != value)
    decision.say(LeadEnriched(touch_id=touch.touch_id, fields=tuple(learnt)) if learnt else None)
    decision.say(counted(touch, decision, heard.accounts))
    decision.say(talked(touch, decision))
    calls_back = heard.callback is not None and heard.callback.replaces(decision.lead.callback)
    if heard.callback is not None and calls_back:
        decision.say(CallbackRequested(callback=heard.callback))
    heed(touch, shown.is_late(touch), decision)
    if touch.kind == "activity" and not by_machine:
        _worked(heard, decision)
    decision.say(moved(touch, decision), *fell_through(touch, decision))
    adopt(touch, shown, decision)
    asks = waits or calls_back or heard.temperature is not None
    come_back(heard, decision, asks)
    judge(decision, asks, owner)


def judge(decision: Decision, asks: bool = False, owner: RepState = _PRESENT) -> None:
    """Score, stage and ownership as the rules see the lead now. `asks`: the person has just asked for something.
    A lead that is only known from the CRM is left in peace."""
    rules, at = decision.rules, decision.at
    decision.judged = True
    if not decision.lead.decided:
        return
    decision.conclude()  # the rules, or the tables behind them, may have changed since the last touch
    news = scored(decision.lead, decision.profile, rules, at)
    if news.apply(decision.lead, at) != decision.lead:
        decision.say(news)
    retire(decision)
    _advance(decision)
    alert(decision)
    if is_known(decision.profile):
        _seek_owner(decision)
        if asks:
            answer_again(decision, owner)
        _keep_going(decision)
    keep(decision)
    if decision.lead.wanted is None:  # else the choice of the owner shows it, and the CRM is written to once
        decision.show()


def _advance(decision: Decision) -> None:
    """Qualifications may ask for the stage, and stages for qualifications: until neither has anything new to say. Both
    only grow, so that has an end."""
    said = -1
    while said != len(decision.facts):
        said = len(decision.facts)
        if is_known(decision.profile):
            qualify(decision)
        enter(_stage(decision), decision)


def _stage(decision: Decision) -> StageChanged | None:
    """Forward, or back into the lifecycle for a lead that is open again."""
    seen = decision.seen()
    back = None if decision.lead.rests else reentered(decision.lead, seen, decision.rules, decision.at)
    return back or advanced(decision.lead, seen, decision.rules, decision.at)


def _seek_owner(decision: Decision) -> None:
    """What a rep gave back is given to nobody else while it rests, but somebody always has it."""
    lead = decision.lead
    if lead.ownership.placed and lead.rests and lead.permission.may_contact:
        return
    rule = destination(decision.seen(), decision.rules, decision.at)
    needed = owner_needed(decision.lead, rule, decision.rules, decision.at)
    if needed is not None:
        decision.say(needed, assignment_clock(needed.hop, decision.rules, decision.at))


def _keep_going(decision: Decision) -> None:
    """No lead that somebody has is without a next step: who comes back, or was only known from the CRM, gets one. One
    in a queue goes on with its sequence."""
    changed, lead = keep_enrolled(decision), decision.lead
    waits = lead.wanted is not None or lead.prompted
    if not lead.ownership.placed or lead.closed:
        return
    due = lead.live and not waits
    if lead.ownership.queue is not None and not lead.rests and lead.wanted is None and (changed or due):
        queue_step(decision)
    elif due:
        what = "Get in touch" if lead.next_step is None else lead.next_step.what
        decision.say(next_step(lead, what, decision.rules, decision.at))


def _worked(heard: Heard, decision: Decision) -> None:
    """Sales did something: the contact clock is met, the status follows. A contact heard of late does not undo that
    the lead was given back since then."""
    at, event, stood = heard.touch.occurred_at, heard.touch.event or "contact", decision.lead
    met = reached(stood, decision.rules, at)
    booked = event == "meeting_booked"
    decision.say(ContactAttempted(channel=event, made_at=at), *met, MeetingBooked() if booked else None)
    before, after = decision.lead.status, "meeting_booked" if booked else "attempting"
    moves = before in ("new", "attempting", "nurturing") and before != after
    if moves and (met or decision.lead.disposition != "recycled"):
        decision.say(StatusChanged(before=before, after=after, why=event))
        if decision.rules.stages.dispositions.get(after) == "accepted":
            accept(decision.lead.ownership.rep or "", decision)
    if met:
        decision.say(planned(HOLD if booked else "Follow up", decision))
    else:
        decision.say(renewed(decision.lead, at, decision.rules, decision.at))
    answer_meanwhile(stood, decision)


def tick(decision: Decision, ahead: timedelta = AT_ONCE) -> None:
    """Let everything fire that is due by now, for who looks so far `ahead`; the agreed time to get back in touch among
    it."""
    if wake(decision):
        judge(decision)
    stood = decision.lead
    for kind in due_kinds(stood, decision.at, ahead):
        decision.say(*fired(decision.lead, kind, decision.rules, decision.at, ahead))
    answer_meanwhile(stood, decision)
    keep(decision)
    decision.show()


def settle(looked: Looked, decision: Decision) -> None:
    """What follows when the CRM was looked into, and knows of no contact either: the breach stands."""
    stood = decision.lead
    decision.say(*confirmed(stood, looked, decision.rules, decision.at))
    answer_meanwhile(stood, decision)
    keep(decision)
    decision.show()
