"""Starting clocks, and what happens when one runs out.

Every checkpoint fires once: firing it changes the clock in the same commit. A sweep that comes late, twice or not at
all changes nothing but the moment of discovery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.clocks.contact import contact_policy, owed_clock
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.facts import ClockStarted, NextStepMissed, NextStepPlanned, SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.permission import worded
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.waiting import asks_again
from leadrelay.domain.rules import Rules

_WORKING_DAY = 8 * 3600


def assignment_clock(hop: int, rules: Rules, now: datetime) -> ClockStarted:
    """From now until somebody owns the lead, in elapsed time."""
    due = now + timedelta(minutes=rules.sla.assignment.minutes)
    clock = Clock(kind="assignment", hop=hop, policy="assignment", calendar=ELAPSED, started_at=now, due_at=due)
    return ClockStarted(clock=clock)


def contact_clock(lead: Lead, rep: str, seen: Mapping[str, object], rules: Rules, now: datetime) -> ClockStarted | None:
    """The owner's clock until first contact: the call that they asked for, else by the first policy that holds. None
    when none does, while the lead is shown to nobody, and where nobody may contact them."""
    if not lead.live or not lead.permission.may_contact:
        return None
    clock = owed_clock(lead, rules.team.rep(rep).calendar, contact_policy(seen, rules, now), rules, now)
    return None if clock is None else ClockStarted(clock=clock)


def next_step(lead: Lead, what: str, rules: Rules, now: datetime) -> NextStepPlanned:
    """What comes next: by the contact deadline, when the waiting ends, in the queue's own time, or within one working
    day of the owner."""
    contact, owner = lead.clock("first_contact") or lead.clock("backlog"), lead.ownership
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
    due = lead.due_at()
    planned = lead.next_step is not None and lead.next_step.who is not None
    return lead.wanted is None and (not planned or due is None or due <= now)


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
    return NextStepPlanned(what=what, due_at=step.due_at, who=step.who, clock=reminder)


_HANDED_OVER = ("hand_off", "hand_back", "handover", "passed")


def owes_contact(lead: Lead, why: str) -> bool:
    """Only who is handed over after they were called, and have not asked again since, waits for no call."""
    return why not in _HANDED_OVER or lead.contacted_at is None or lead.clock("first_contact") is not None


def contacted(lead: Lead, rules: Rules, at: datetime) -> SlaMet | None:
    """The first-contact clock, met by a contact made at `at`; None when it does not run, and for a contact from before
    it ran and they asked: people edit old entries, and CRMs note whole minutes."""
    clock = lead.clock("first_contact")
    if clock is None or (lead.last is not None and at < min(_minute(lead.last.at), clock.started_at)):
        return None
    return SlaMet(
        kind=clock.kind,
        hop=clock.hop,
        policy=clock.policy,
        in_time=at <= clock.over_at,
        owner_seconds=max(0, rules.calendar(clock.calendar).between(clock.started_at, at)),
        lead_seconds=max(0, int((at - lead.captured_at).total_seconds())),
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def fired(lead: Lead, rules: Rules, now: datetime) -> Iterator[Fact]:
    """What falls due by `now`: a warning, or a breach with its consequences."""
    for clock in lead.clocks:
        if clock.over_at <= now:
            yield from _RUN_OUT[clock.kind](lead, clock, rules, now)
        elif clock.warn_at is not None and clock.warn_at <= now:
            yield SlaWarned(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at)
            yield notice(clock.checkpoints[0].notice, lead, clock.hop, now)
            if clock.kind == "backlog" and lead.wanted is None and not _has_line(lead, rules):
                yield from asked_again(lead, rules, now)


def _has_line(lead: Lead, rules: Rules) -> bool:
    """Whether its pool is still there: nobody looks into the line of one that was closed."""
    return any(pool.id == lead.ownership.pool for pool in rules.team.pools)


def notice(kind: str, lead: Lead, hop: int, at: datetime) -> NoticeNeeded:
    """A notice about this lead; one kind happens at most once in an instant."""
    notice_id = f"{kind}-{hop}-{at:%Y%m%dT%H%M%SZ}"
    return NoticeNeeded(notice_id=notice_id, notice=kind, hop=hop, rep=lead.ownership.rep)


def _breached(clock: Clock, now: datetime) -> SlaBreached:
    late = int((now - clock.due_at).total_seconds())
    return SlaBreached(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at, late=late)


def _contact_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    yield _breached(clock, now)
    yield notice("breach", lead, clock.hop, now)
    if _is_last_resort(lead, rules) or lead.ownership.overridden(rules.routing.override, now):
        step = "Call" if lead.next_step is None else lead.next_step.what
        yield next_step(lead.with_(clocks=()), step, rules, now)
    elif lead.wanted is None:
        holders = (*lead.ownership.previous, lead.ownership.rep or "")
        yield OwnerNeeded(why="breach", hop=lead.ownership.hop, exclude=holders[-rules.routing.exclude_last :])
        yield assignment_clock(lead.ownership.hop, rules, now)


def _is_last_resort(lead: Lead, rules: Rules) -> bool:
    """The manager (or RevOps) keeps the lead: reassignment has an end."""
    owner = lead.ownership
    managers = {pool.manager for pool in rules.team.pools if pool.id == owner.pool} | {rules.team.revops}
    return owner.rep in managers and owner.rep is not None


def _assignment_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody was chosen: the question is asked again, and RevOps hears of it."""
    yield _breached(clock, now)
    if lead.wanted is not None:
        asked = lead.wanted
        yield OwnerNeeded(why=asked.why, hop=asked.hop, exclude=asked.exclude, pool=asked.pool)
        yield assignment_clock(clock.hop, rules, now)
        yield notice("unassigned", lead, clock.hop, now)


def _step_missed(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    again = rules.calendar(clock.calendar).next_open(now + timedelta(days=1))
    yield NextStepMissed(what=clock.policy, due_at=clock.due_at, again_at=again)
    yield notice("next_step", lead, clock.hop, now)


def asked_again(lead: Lead, rules: Rules, now: datetime) -> tuple[Fact, ...]:
    """The question for a lead that waits, with the clock until it is answered."""
    return asks_again(lead, rules.routing), assignment_clock(lead.ownership.hop, rules, now)


def _waited(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody came who may take it, or nobody claimed it: the question whose it is gets another answer now."""
    yield _breached(clock, now)
    if lead.wanted is None:
        yield from asked_again(lead, rules, now)


_RUN_OUT: Mapping[ClockKind, Callable[[Lead, Clock, Rules, datetime], Iterator[Fact]]] = {
    "first_contact": _contact_breached,
    "assignment": _assignment_breached,
    "next_step": _step_missed,
    "backlog": _waited,
}
