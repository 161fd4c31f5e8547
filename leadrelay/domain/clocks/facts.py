"""Facts about deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from leadrelay.domain.clocks.clock import WARN, Clock, ClockKind
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


def _without(lead: Lead, kind: ClockKind) -> tuple[Clock, ...]:
    return tuple(clock for clock in lead.clocks if clock.kind != kind)


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
        """Stop it."""
        return lead.with_(clocks=_without(lead, self.kind))


class SlaWarned(Fact):
    """A checkpoint of a clock was reached: most of the time is used up, or still nothing happened after the breach."""

    kind: ClockKind
    hop: int
    policy: str
    due_at: Instant
    checkpoint: str = WARN

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Each once."""
        clocks = tuple(
            clock.passed(self.checkpoint) if clock.kind == self.kind and clock.hop == self.hop else clock
            for clock in lead.clocks
        )
        return lead.with_(clocks=clocks)


class SlaBreached(Fact):
    """The time is up. `late` is seconds (elapsed) between the deadline and its discovery."""

    kind: ClockKind
    hop: int
    policy: str
    due_at: Instant
    late: int

    @classmethod
    def of(cls, clock: Clock, now: datetime) -> Self:
        """Discovered now."""
        late = int((now - clock.due_at).total_seconds())
        return cls(kind=clock.kind, hop=clock.hop, policy=clock.policy, due_at=clock.due_at, late=late)

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Breach once."""
        return lead.with_(clocks=_without(lead, self.kind))


class SlaMet(Fact):
    """Done in time, or late but done (`in_time`). Seconds are business seconds since the owner got the lead, and
    elapsed seconds since it was captured."""

    kind: ClockKind
    hop: int
    policy: str
    in_time: bool
    owner_seconds: int
    lead_seconds: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Stop it."""
        return lead.with_(clocks=_without(lead, self.kind))


class NextStepPlanned(Fact):
    """What happens next, by when, and whose it is. `clock` reminds of it; None while the contact clock does that."""

    what: str
    due_at: Instant
    who: str | None = None
    clock: Clock | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Plan it; one reminder at most runs."""
        from leadrelay.domain.lead import NextStep

        clocks = _without(lead, "next_step")
        return lead.with_(
            next_step=NextStep(what=self.what, due_at=self.due_at, who=self.who),
            clocks=clocks if self.clock is None else (*clocks, self.clock),
        )


class NextStepMissed(Fact):
    """The next step is overdue; the reminder comes again at `again_at`."""

    what: str
    due_at: Instant
    again_at: Instant

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remind again."""
        clocks = tuple(
            clock.with_(due_at=self.again_at) if clock.kind == "next_step" else clock for clock in lead.clocks
        )
        return lead.with_(clocks=clocks)
