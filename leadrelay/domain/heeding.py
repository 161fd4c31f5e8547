"""Heeding: what follows when somebody allows or refuses something, or a person ticks it in the CRM.

It is said first of all that a touch brings, so that nothing which comes after it plans what may not be done.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import ClockStopped
from leadrelay.domain.clocks.next_step import reworded
from leadrelay.domain.clocks.starting import contact_clock
from leadrelay.domain.crm.facts import RecordRefuses
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.permission import FORBIDS, allowed, forbidding
from leadrelay.domain.person.permission_facts import ConsentChanged, ContactAllowed, ContactForbidden
from leadrelay.domain.touch import Touch


def heed(touch: Touch, late: bool, decision: Decision) -> None:
    """Take over what the person said (it is in the profile already) and what their record shows; `late`: something was
    read from the record after this, and heard before it."""
    decision.say(None if late else _record(touch, decision.lead))
    conclude(decision)


def conclude(decision: Decision) -> None:
    """What follows from the statements and the records that are known now."""
    decision.say(*_consents(decision))
    decision.say(*_forbidden(decision))
    if decision.lead.decided:
        _replan(decision)  # whoever said it: a lead that became this one may have brought the refusal


def _record(touch: Touch, lead: Lead) -> RecordRefuses | None:
    record = touch.record
    if record is None or record.refuses is None:
        return None
    known = lead.permission.refused_there.get(f"{record.crm}/{record.person}", ())
    now = tuple(sorted(set(record.refuses)))
    return None if now == known else RecordRefuses(crm=record.crm, crm_id=record.person, purposes=now)


def _consents(decision: Decision) -> Iterator[Fact]:
    known = decision.lead.permission
    now = allowed(decision.profile.consents, known.refused_there, decision.rules.fields.consents)
    for purpose in sorted({*known.allowed, *now}):
        if known.allowed.get(purpose) != now.get(purpose):
            yield ConsentChanged(purpose=purpose, given=now.get(purpose))


def _forbidden(decision: Decision) -> Iterator[Fact]:
    known = decision.lead.permission
    now = forbidding(decision.profile.consents, known.refused_there, decision.rules.fields.consents)
    for how in FORBIDS:
        if how in now and (how not in known.forbidden or known.forbidden[how].who != now[how]):
            yield ContactForbidden(how=how, who=now[how])
        if how in known.forbidden and how not in now:
            yield ContactAllowed(how=how)


def _replan(decision: Decision) -> None:
    """Clocks that nobody may meet stop, a call becomes a letter, and the next step says so; nothing where the plan fits
    already."""
    lead = decision.lead
    clock = lead.clock("first_contact")
    if clock is not None and not lead.permission.may_contact:
        decision.say(ClockStopped(kind=clock.kind, hop=clock.hop, why="do_not_contact"))
    elif clock is not None and _calls_in_vain(lead, clock) and lead.ownership.rep:
        decision.say(contact_clock(lead, lead.ownership.rep, decision.seen(), decision.rules, decision.at))
    decision.say(reworded(decision.lead))


def _calls_in_vain(lead: Lead, clock: Clock) -> bool:
    """Whether the owner has yet to call at a time that was asked for, and may not."""
    return clock.policy == CALLBACK and clock.runs and not lead.permission.may_call
