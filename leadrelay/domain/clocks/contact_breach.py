"""After the time for the first contact is over: whether somebody did call, and whose the lead is then.

A contact reaches us by a webhook or a poll, and both can be late. So a breach is doubted first: the CRM is asked itself
(`ContactDoubted`), and nobody loses a lead, or is told on, before that is settled. It is settled by a contact, whoever
brings it, by the CRM's answer, or by its silence: doubt never holds a lead up for more than `ASKED_AT_MOST` times
`ANSWER_WITHIN`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.contact import contacted, counts_from, minute
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.facts import ClockStarted, ClockStopped, SlaBreached, SlaMet
from leadrelay.domain.clocks.next_step import next_step
from leadrelay.domain.clocks.notices import of_breach
from leadrelay.domain.clocks.taking_away import another_owner, is_last_resort
from leadrelay.domain.clocks.timing import met
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import BreachConfirmed, ContactDoubted, Kept, Looked, QuestionWithdrawn
from leadrelay.domain.rules import Rules

ANSWER_WITHIN = timedelta(minutes=1)
"""The question to the CRM is asked again after this time (elapsed)."""

ASKED_AT_MOST = 3

DOUBT = "doubt"
"""Stands where the policy of the clock would that waits for the CRM's answer."""


def contact_breached(lead: Lead, clock: Clock, rules: Rules, now: datetime) -> Iterator[Fact]:
    """The time is up; the contact is owed still, and measured when it comes. Where another owner is being looked for
    already, that is all there is to say."""
    yield SlaBreached.of(clock, now, runs_on=True)
    if lead.wanted is None:
        yield from doubted(lead, clock, now)
    else:
        yield of_breach("breach", lead, clock, now)


def doubted(lead: Lead, clock: Clock, now: datetime) -> Iterator[Fact]:
    """Ask the CRM about the contact that this clock waited for; and go on asking, or without it, after a while."""
    asked = 1 if lead.wanted is None else lead.wanted.doubted + 1
    yield ContactDoubted(hop=lead.ownership.hop, since=counts_from(lead, clock), asked=asked)
    waits = Clock(
        kind="assignment",
        hop=lead.ownership.hop,
        policy=DOUBT,
        calendar=ELAPSED,
        started_at=now,
        due_at=now + ANSWER_WITHIN,
    )
    yield ClockStarted(clock=waits)


def unanswered(lead: Lead, rules: Rules, now: datetime) -> Iterator[Fact]:
    """The CRM has not answered: ask once more, or go on without it."""
    clock = lead.clock("first_contact")
    if clock is not None and lead.wanted is not None and lead.wanted.doubted < ASKED_AT_MOST:
        yield from doubted(lead, clock, now)
    else:
        yield from confirmed(lead, "unanswered", rules, now)


def confirmed(lead: Lead, looked: Looked, rules: Rules, now: datetime) -> Iterator[Fact]:
    """Nobody called: it is told, and another owner is needed, unless the present one is to keep it. Whom nobody may
    contact any more, nobody was to call."""
    hop, clock = lead.ownership.hop, lead.clock("first_contact")
    yield BreachConfirmed(hop=hop, looked=looked)
    if clock is not None:
        yield of_breach("breach", lead, clock, now)
    kept = _kept(lead, rules, now)
    if kept is None:
        yield from another_owner(lead, rules, now)
        return
    yield ClockStopped(kind="assignment", hop=hop, why=kept.why)
    yield kept
    step = "Call" if lead.next_step is None else lead.next_step.what
    yield next_step(kept.apply(lead, now), step, rules, now)


def reached(lead: Lead, rules: Rules, at: datetime) -> tuple[Fact, ...]:
    """What a contact made at `at` means for the clocks that wait for one, those of former owners included; none where
    nothing waits. Whose the lead is by now stays: a contact that comes to light late gives nobody a lead back."""
    earlier = tuple(_former(lead, rules, at))
    clock, now_met = lead.clock("first_contact"), contacted(lead, rules, at)
    if clock is None or now_met is None:
        return earlier
    if earlier and at < clock.started_at:  # they were called before the present owner had them: there is no first call
        stopped = ClockStopped(kind=clock.kind, hop=clock.hop, why="contact")
        return (*earlier, stopped, *_withdrawn(lead, clock))
    return (*earlier, now_met, *_withdrawn(lead, clock))


def _former(lead: Lead, rules: Rules, at: datetime) -> Iterator[SlaMet]:
    """Clocks of former owners which the contact meets: it was made while they had the lead."""
    for lapse in lead.lapsed:
        if minute(lapse.clock.started_at) <= at < lapse.until:
            yield met(lead, lapse.clock, rules, at)


def _withdrawn(lead: Lead, clock: Clock) -> Iterator[Fact]:
    """They were reached while somebody else was being looked for, because this clock was breached: the owner stays."""
    if lead.wanted is not None and lead.wanted.why == "breach" and clock.breached_at is not None:
        yield ClockStopped(kind="assignment", hop=lead.wanted.hop, why="contact")
        yield QuestionWithdrawn(hop=lead.wanted.hop, why="contact")


def _kept(lead: Lead, rules: Rules, now: datetime) -> QuestionWithdrawn | None:
    """Why the present owner keeps it, the strongest reason."""
    owner = lead.ownership
    reasons: Iterable[tuple[bool, Kept]] = (
        (is_last_resort(lead, rules), "last_resort"),
        (owner.overridden(rules.routing.override, now), "override"),
        (_only_told(lead, rules), "told_only"),
    )
    return next((QuestionWithdrawn(hop=owner.hop, why=why) for holds, why in reasons if holds), None)


def _only_told(lead: Lead, rules: Rules) -> bool:
    """Whether the policy of the clock lets the owner keep the lead."""
    clock = lead.clock("first_contact")
    policy = None if clock is None else rules.sla.policy(clock.kind, clock.policy)
    return policy is not None and policy.then == "tell"


def is_asked(lead: Lead, fact: ContactDoubted) -> bool:
    """Whether this is the question that the lead waits on, and not one that was settled or asked again since."""
    wanted = lead.wanted
    return wanted is not None and (wanted.hop, wanted.doubted) == (fact.hop, fact.asked)
