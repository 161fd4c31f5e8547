"""Clocks as an explanation shows them: the deadline in the words of the rep, over the working time it uses up."""

from __future__ import annotations

from leadrelay.domain.card.deadline import deadline
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.explanation import Deadline, Stretch


def deadline_of(lead: Lead, clock: Clock, rules: Rules) -> Deadline:
    """A clock of a lead, with the time that was counted."""
    return Deadline(
        kind=clock.kind,
        policy=clock.policy,
        calendar=clock.calendar,
        started_at=clock.started_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        says=deadline(lead, clock, rules),
        trace=_trace(clock, rules),
    )


def _trace(clock: Clock, rules: Rules) -> tuple[Stretch, ...]:
    if clock.calendar == ELAPSED:
        seconds = int((clock.due_at - clock.started_at).total_seconds())
        return (Stretch(start=clock.started_at, end=clock.due_at, seconds=seconds),)
    spent = rules.calendar(clock.calendar).trace_between(clock.started_at, clock.due_at)
    return tuple(Stretch(start=part.start, end=part.end, seconds=part.seconds) for part in spent)
