"""Which sequence a lead is in: the first that holds while no rep calls it, and none as soon as somebody does.

The sequence stands on the card, so that the CRM's list follows with the very delivery that shows the new owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from leadrelay.domain.card.card import is_known
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.decision import Decision
from leadrelay.domain.enrichment.reachable import BOUNCED
from leadrelay.domain.lead import Lead
from leadrelay.domain.nurture.facts import Ended, NurtureEnded, NurtureEnrolled
from leadrelay.domain.nurture.policy import NurturePolicy, Sequence
from leadrelay.domain.rules import Rules


def keep_enrolled(decision: Decision) -> bool:
    """Put the lead into the sequence where it belongs now, or take it out; whether anything changed."""
    before, over = decision.lead.enrolment, ends_at(decision.lead, decision.rules)
    if over is not None and over <= decision.at:
        end(decision, "finished")
    seen = decision.seen()
    sequence, why = _belongs(decision, seen)
    now = decision.lead.enrolment
    if sequence is not None and (now is None or now.sequence != sequence.id):
        decision.say(NurtureEnrolled(sequence=sequence.id, why=why))
    elif sequence is None and now is not None:
        decision.say(NurtureEnded(sequence=now.sequence, why=_ended(decision.lead, seen, decision.rules)))
    return decision.lead.enrolment != before


def end(decision: Decision, why: Ended) -> None:
    """Take the lead out of its sequence, if it is in one."""
    if decision.lead.enrolment is not None:
        decision.say(NurtureEnded(sequence=decision.lead.enrolment.sequence, why=why))


def ends_at(lead: Lead, rules: Rules) -> datetime | None:
    """When the lead has been through its sequence (UTC); None for one without an end."""
    enrolment = lead.enrolment
    sequence = None if enrolment is None else rules.stages.nurture.sequence(enrolment.sequence)
    if enrolment is None or sequence is None or sequence.days is None:
        return None
    return enrolment.since + timedelta(days=sequence.days)


def queue_step(decision: Decision) -> None:
    """The next step of a lead that waits in a queue: its sequence's, else the queue's."""
    lead, rules = decision.lead, decision.rules
    sequence = rules.stages.nurture.sequence(None if lead.enrolment is None else lead.enrolment.sequence)
    what = rules.team.queue(lead.ownership.queue or "").next_step if sequence is None else sequence.next_step
    decision.say(next_step(lead, what, rules, decision.at))


def may_mail(lead: Lead, seen: Mapping[str, object], policy: NurturePolicy) -> bool:
    """Whether the person may be sent mails: nothing forbids it, and they have not left since they last joined."""
    if seen.get("lead.may_contact") is False or seen.get("consent.mail") is False:
        return False
    gone = _newest(lead, policy.unsubscribed)
    back = _newest(lead, policy.subscribed)
    return gone is None or (back is not None and back > gone)


def _bounces(seen: Mapping[str, object]) -> bool:
    """Whether mails to the address come back: a programme that cannot reach anybody is none."""
    return seen.get("lead.email_state") == BOUNCED


def _newest(lead: Lead, names: tuple[str, ...]) -> datetime | None:
    known = (lead.signals[name].times for name in names if name in lead.signals)
    return max((times[0] for times in known if times), default=None)


def _belongs(decision: Decision, seen: Mapping[str, object]) -> tuple[Sequence | None, str]:
    """The sequence, and why: its condition or the stage."""
    lead, rules = decision.lead, decision.rules
    policy = rules.stages.nurture
    if not lead.decided or lead.closed or not is_known(decision.profile):
        return None, ""
    if not may_mail(lead, seen, policy) or _bounces(seen):
        return None, ""
    stage = rules.stages.rule(lead.stage)
    named = policy.sequence(None if stage is None else stage.on_entry.enrol)
    if named is not None and named.id not in lead.nurtured:
        return named, lead.stage
    if not _waits(lead, rules):
        return None, ""
    ahead = (each for each in policy.sequences if each.id not in lead.nurtured)
    found = next((each for each in ahead if each.if_ is not None and rules.holds(each.if_, seen, decision.at)), None)
    return found, "" if found is None or found.if_ is None else found.if_


def _waits(lead: Lead, rules: Rules) -> bool:
    """Whether nobody calls it: it is in a queue that nurtures, or was given back as too early. Customers are not
    courted, and neither is who is no sales lead."""
    queue = lead.ownership.queue
    waits = lead.disposition == "recycled" if queue is None else rules.team.queue(queue).nurtures
    return waits and not rules.stages.is_customer(lead.stage)


def _ended(lead: Lead, seen: Mapping[str, object], rules: Rules) -> Ended:
    """Why it is in no sequence any more: the strongest reason there is."""
    reasons: tuple[tuple[bool, Ended], ...] = (
        (lead.retired_at is not None, "retired"),
        (lead.disposition == "rejected", "rejected"),
        (not lead.decided, "deleted"),
        (not may_mail(lead, seen, rules.stages.nurture), "unsubscribed"),
        (_bounces(seen), "bounced"),
        (rules.stages.is_customer(lead.stage), "customer"),
        (lead.ownership.queue is None or not _waits(lead, rules), "routed"),
    )
    return next((why for holds, why in reasons if holds), "outgrown")
