"""Facts about deadlines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from pydantic import Field

from leadrelay.domain.clocks.clock import LAPSES, PROMPTS, WARN, Clock, ClockKind, Lapse, Pause, Promise
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


def _without(lead: Lead, kind: ClockKind) -> tuple[Clock, ...]:
    return tuple(clock for clock in lead.clocks if clock.kind != kind)


def _with(lead: Lead, kind: ClockKind, hop: int, change: Callable[[Clock], Clock]) -> Lead:
    clocks = (change(clock) if (clock.kind, clock.hop) == (kind, hop) else clock for clock in lead.clocks)
    return lead.with_(clocks=tuple(clocks))


class ClockStarted(Fact):
    """A clock runs; one of each kind at most, a new one replaces the old."""

    clock: Clock

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Run it."""
        return lead.with_(clocks=(*_without(lead, self.clock.kind), self.clock))


class ClockStopped(Fact):
    """A clock stopped without being met: the lead changed hands or left the team."""

    kind: ClockKind
    hop: int
    why: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Stop it. A contact that it waited for in vain may still come to light."""
        stopped = lead.clock(self.kind)
        lapsed = lead.lapsed
        if stopped is not None and stopped.kind == "first_contact" and stopped.breached_at is not None:
            lapsed = (*lapsed, Lapse(clock=stopped, rep=lead.ownership.rep, until=at))[-LAPSES:]
        return lead.with_(clocks=_without(lead, self.kind), lapsed=lapsed)


class ClockPaused(Fact):
    """A clock stands still: the status says that nothing can be done for now. `left` is what remains until its
    deadline, `ahead` until each of its checkpoints, `spent` what was counted so far, in seconds of its calendar: they
    outlast any change of the rules."""

    kind: ClockKind
    hop: int
    left: int
    ahead: dict[str, int] = Field(default_factory=dict)
    spent: int = 0

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Stop counting."""
        pause = Pause(at=at, left=self.left, ahead=self.ahead)
        return _with(lead, self.kind, self.hop, lambda clock: clock.with_(pause=pause, spent=self.spent))


class ClockResumed(Fact):
    """A clock goes on with what was left of it: `due_at` is when it is over now (UTC), `checkpoints` when each of them
    comes, by its id."""

    kind: ClockKind
    hop: int
    due_at: Instant
    checkpoints: dict[str, Instant] = Field(default_factory=dict)

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Count again."""
        return _with(lead, self.kind, self.hop, lambda clock: self._resumed(clock, at))

    def _resumed(self, clock: Clock, at: Instant) -> Clock:
        points = (point.with_(at=self.checkpoints.get(point.id, point.at)) for point in clock.checkpoints)
        return clock.with_(
            due_at=self.due_at,
            checkpoints=tuple(sorted(points, key=lambda point: point.at)),
            pause=None,
            resumed_at=at,
        )


class SlaWarned(Fact):
    """A checkpoint of a clock was reached: most of the time is used up, or still nothing happened after the breach."""

    kind: ClockKind
    hop: int
    policy: str
    due_at: Instant
    checkpoint: str = WARN

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Each once."""
        return _with(lead, self.kind, self.hop, lambda clock: clock.passed(self.checkpoint))


class SlaBreached(Fact):
    """The time is up. `late` is seconds (elapsed) between the deadline and its discovery. `runs_on`: it is measured
    when what was promised happens after all, however late."""

    kind: ClockKind
    hop: int
    policy: str
    due_at: Instant
    late: int
    runs_on: bool = False

    @classmethod
    def of(cls, clock: Clock, now: datetime, runs_on: bool) -> Self:
        """Discovered now."""
        return cls(
            kind=clock.kind,
            hop=clock.hop,
            policy=clock.policy,
            due_at=clock.due_at,
            late=int((now - clock.due_at).total_seconds()),
            runs_on=runs_on,
        )

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Breach once."""
        if not self.runs_on:
            return lead.with_(clocks=_without(lead, self.kind))
        return _with(lead, self.kind, self.hop, lambda clock: clock.breached(at))


class SlaMet(Fact):
    """Done in time, or late but done (`in_time`). Seconds are business seconds since the owner got the lead, and
    elapsed seconds since it was captured. `corrects`: a breach was said of it, because nobody knew of the contact yet;
    that of a former owner, where `hop` is an earlier one than the present. `started_at` is since when it ran: who gave
    a lead back and was asked for it again may owe two first contacts of one hop. Former releases did not say it."""

    kind: ClockKind
    hop: int
    policy: str
    in_time: bool
    owner_seconds: int
    lead_seconds: int
    corrects: bool = False
    started_at: Instant | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Stop it, and remember that this promise was kept; a lapsed one is remembered no longer."""
        runs = lead.clock(self.kind)
        if self.kind == "first_contact" and (runs is None or not self._meets(runs)):
            lapsed = tuple(lapse for lapse in lead.lapsed if not self._meets(lapse.clock))
            if lapsed != lead.lapsed:
                return lead.with_(lapsed=lapsed)
        kept = {} if runs is None or self.kind in PROMPTS else {self.kind: Promise(hop=runs.hop, since=runs.started_at)}
        return lead.with_(clocks=_without(lead, self.kind), kept={**lead.kept, **kept})

    def _meets(self, clock: Clock) -> bool:
        return clock.hop == self.hop and self.started_at in (None, clock.started_at)


class NextStepPlanned(Fact):
    """What happens next, by when, and whose it is. `clock` reminds of it; None while the contact clock does that.
    `missed` is how often it was reminded of already, under other words."""

    what: str
    due_at: Instant
    who: str | None = None
    clock: Clock | None = None
    missed: int = 0

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Plan it; one reminder at most runs."""
        from leadrelay.domain.lead import NextStep

        clocks = _without(lead, "next_step")
        return lead.with_(
            next_step=NextStep(what=self.what, due_at=self.due_at, who=self.who, missed=self.missed),
            clocks=clocks if self.clock is None else (*clocks, self.clock),
        )


class NextStepMissed(Fact):
    """The next step is overdue, reminded of for the `count`-th time; the reminder comes again at `again_at`."""

    what: str
    due_at: Instant
    again_at: Instant
    count: int = 1

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remind again."""
        clocks = tuple(
            clock.with_(due_at=self.again_at) if clock.kind == "next_step" else clock for clock in lead.clocks
        )
        step = None if lead.next_step is None else lead.next_step.with_(missed=self.count)
        return lead.with_(clocks=clocks, next_step=step)
