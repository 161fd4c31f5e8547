"""The next step: what comes next with a lead, by when and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import PROMPTS, Clock
from leadrelay.domain.clocks.facts import NextStepMissed, NextStepPlanned
from leadrelay.domain.clocks.notices import of_breach
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.permission import worded
from leadrelay.domain.rules import Rules

_WORKING_DAY = 8 * 3600


def next_step(lead: Lead, what: str, rules: Rules, now: datetime) -> NextStepPlanned:
    """What comes next: by the contact deadline, when the waiting ends, in the queue's own time, or within one working
    day of the owner."""
    contact, owner = lead.running("first_contact") or lead.running("backlog"), lead.ownership
    who = owner.rep or owner.queue or owner.outside or _manager_of(lead, rules)
    if contact is not None and contact.policy == CALLBACK:
        what = _call_back(lead, contact, rules)
    what = worded(what, lead.permission, in_queue=_is_nobodys(lead))
    if contact is not None:
        return NextStepPlanned(what=what, due_at=contact.due_at, who=who)
    calendar = rules.team.rep(owner.rep or rules.team.revops).calendar
    due = _step_due(lead, rules.calendar(calendar), rules, now)
    clock = Clock(kind="next_step", hop=owner.hop, policy=what, calendar=calendar, started_at=now, due_at=due)
    return NextStepPlanned(what=what, due_at=due, who=who, clock=clock if lead.live else None)


def _is_nobodys(lead: Lead) -> bool:
    return lead.ownership.queue is not None or lead.ownership.waits is not None


def _manager_of(lead: Lead, rules: Rules) -> str | None:
    """Whose it is that somebody takes a lead which waits in a pool; RevOps' where the pool was closed meanwhile."""
    if lead.ownership.waits is None:
        return None
    managers = {pool.id: pool.manager for pool in rules.team.pools}
    return managers.get(lead.ownership.pool or "", rules.team.revops)


def _step_due(lead: Lead, hours: Calendar, rules: Rules, now: datetime) -> datetime:
    """A lead that was given back waits for the agreed time, one in a queue goes at the pace of its programme."""
    owner = lead.ownership
    if lead.wakes_at is not None and lead.wakes_at > now:
        return hours.next_open(lead.wakes_at)
    if owner.queue is None:
        return hours.add(now, _WORKING_DAY)
    sequence = rules.stages.nurture.sequence(None if lead.enrolment is None else lead.enrolment.sequence)
    days = rules.team.queue(owner.queue).next_step_days if sequence is None else sequence.next_step_days
    return hours.next_open(now + timedelta(days=days))


def missing_step(lead: Lead, now: datetime) -> bool:
    """Whether an open lead that somebody has is without a next step ahead, and nothing is under way that brings one:
    the question for an owner, or a clock that has yet to run out."""
    if not lead.live or lead.merged_into is not None or lead.closed or not lead.ownership.placed:
        return False
    ahead = [clock.over_at for clock in lead.clocks if clock.runs and clock.kind in PROMPTS]
    planned = lead.next_step is not None and lead.next_step.who is not None
    return lead.wanted is None and (not planned or not ahead or min(ahead) <= now)


def _call_back(lead: Lead, clock: Clock, rules: Rules) -> str:
    """In the owner's own time; with the time asked for, where the owner does not work then."""
    zone = rules.zone(clock.calendar)
    due, asked = (at.astimezone(zone) for at in (clock.due_at, lead.callback.at if lead.callback else clock.due_at))
    wished = "" if due == asked else f" (they asked for {asked:%-d %b %H:%M})"
    return f"Call back {due:%-d %b %H:%M}{wished}"


def reworded(lead: Lead) -> NextStepPlanned | None:
    """The same next step by the same time, as it may be done now; None when nothing changes."""
    if lead.next_step is None:
        return None
    what = worded(lead.next_step.what, lead.permission, in_queue=_is_nobodys(lead))
    if what == lead.next_step.what:
        return None
    clock, step = lead.clock("next_step"), lead.next_step
    reminder = None if clock is None else clock.with_(policy=what)
    return NextStepPlanned(what=what, due_at=step.due_at, who=step.who, clock=reminder, missed=step.missed)


def renewed(lead: Lead, contact: datetime, rules: Rules, now: datetime) -> NextStepPlanned | None:
    """The same next step anew, for who was in touch at `contact` since it was planned: who works a lead is not told,
    nor their manager, that they do nothing. None where it is due later anyway, or the lead rests."""
    clock, step = lead.clock("next_step"), lead.next_step
    if clock is None or step is None or lead.rests or lead.wanted is not None or contact < clock.started_at:
        return None
    anew = next_step(lead, step.what, rules, now)
    return anew if anew.due_at > clock.due_at else None


def step_missed(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Each working day again, until somebody decides what comes next. Who was reminded in vain is not the only one to
    hear of it: after so many times their manager does, after twice as many who is above."""
    count, remind = 1 if lead.next_step is None else lead.next_step.missed + 1, rules.sla.remind
    again = next_morning(rules.calendar(clock.calendar), now)
    yield NextStepMissed(what=clock.policy, due_at=clock.due_at, again_at=again, count=count)
    yield of_breach("next_step", lead, clock, now)
    level, above = count // remind.times, of_breach(remind.notice, lead, clock, now)
    if count % remind.times == 0:
        yield above.with_(notice_id=f"{above.notice_id}-{level}", level=level)


def next_morning(hours: Calendar, now: datetime) -> datetime:
    """When the next working day begins."""
    midnight = datetime.combine(hours.next_day(now), time(), hours.zone)
    return hours.next_open(midnight.astimezone(UTC))
