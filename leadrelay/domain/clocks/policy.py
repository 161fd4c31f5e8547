"""`sla.yaml`: how fast, measured in whose working time, and what happens when it was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field

from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.clocks.duration import Duration, Within, duration
from leadrelay.domain.model import Model

Then = Literal["tell", "reassign"]
"""What follows when the time is up: who is named is told, or another owner is chosen as well."""

Channel = Literal["phone", "mail", "social"]
"""Ways to reach somebody that count as different ones."""

CHANNELS: tuple[Channel, ...] = get_args(Channel)


class AssignmentPolicy(Model):
    """From "an owner is needed" to "it has one", in elapsed minutes; a breach goes to RevOps with an alert."""

    minutes: int = Field(ge=1, le=1440)


class Level(Model):
    """A further checkpoint of a clock, before its deadline or after it. `at` is the share of the target: 0.5 half way,
    2 when twice the time has passed. `level` is how far up the chain the notice goes: 0 the owner, 1 their manager,
    then who is named above. `at_night`: it does not wait for the working hours of who is told."""

    id: str
    at: float = Field(gt=0, le=100)
    notice: str = "escalation"
    level: int = Field(default=1, ge=0, le=9)
    at_night: bool = False


class TimedPolicy(Model):
    """A promise with a deadline, for leads of which `if` holds; the first that does decides.

    The target is one of `minutes` or `seconds`, both business time, or `within`, a duration as `48h` or `2bd`.
    Business time is that of `calendar`, without one the owner's. `warn_at` is the share of the target after which the
    owner is warned, where it is another than that of all. `levels` are further checkpoints; `then` is what follows when
    the time is up: people are told, or another owner is chosen too.
    """

    id: str
    if_: str = Field(alias="if")
    minutes: int | None = Field(default=None, ge=1)
    seconds: int | None = Field(default=None, ge=1)
    within: Within | None = None
    calendar: str | None = None
    warn_at: float | None = Field(default=None, gt=0, lt=1)
    levels: tuple[Level, ...] = ()
    then: Then = "tell"

    @property
    def target(self) -> Duration:
        """How long it may take."""
        if self.within is not None:
            return duration(self.within)
        seconds, minutes = self.seconds, self.minutes or 0
        return Duration(minutes, "m", business=True) if seconds is None else Duration(seconds, "s", business=True)

    def counted_in(self, own: str) -> str:
        """The name of the calendar its clock runs in, for an owner who works by the calendar `own`."""
        return self.target.calendar(self.calendar or own)


class ContactPolicy(TimedPolicy):
    """The owner's first contact. A breach takes the lead away, unless it says `then: tell`."""

    then: Then = "reassign"


class AcceptancePolicy(TimedPolicy):
    """Until the owner says that they take the lead on (SAL), or gives it back."""


class AttemptsPolicy(TimedPolicy):
    """At least so many attempts to reach them, on at least so many different ones of `of`."""

    attempts: int = Field(ge=1, le=10)
    channels: int = Field(default=1, ge=1, le=3)
    of: tuple[Channel, ...] = CHANNELS


class FollowUpPolicy(TimedPolicy):
    """Until the owner is back in touch, counted from the newest contact; an outcome ends it."""


class DispositionPolicy(TimedPolicy):
    """Until the owner says what became of it: taken on with a status that says so, or given back with a reason."""


class StageTimePolicy(TimedPolicy):
    """How long a lead stays at the stage it is at, counted from when it came there."""


class CallbackPolicy(Model):
    """A call that the customer asked for at a time of their own, at most `days` ahead (later ones are not promised, and
    the rep reads why). The owner is warned `warn_minutes` before it; `grace_minutes` after it are still in time."""

    days: int = Field(default=30, ge=1, le=365)
    warn_minutes: int = Field(default=15, ge=1, le=1440)
    grace_minutes: int = Field(default=5, ge=0, le=240)


class LeadClockPolicy(TimedPolicy):
    """Until somebody reached out or said what becomes of the lead, counted from when they asked, whoever owns it
    meanwhile. Nobody loses the lead by it: people are told."""


class RemindPolicy(Model):
    """An overdue next step is said again each working day until there is another one. After `times` in vain the notice
    `notice` goes to the manager as well, after twice as many times to who is above, and so on."""

    times: int = Field(default=3, ge=1, le=30)
    notice: str = "escalation"


LISTS: Mapping[str, str] = {
    "lead": "lead_clock",
    "first_contact": "first_contact",
    "acceptance": "acceptance",
    "attempts": "attempts",
    "follow_up": "follow_up",
    "disposition": "disposition",
    "stage": "stage",
}
"""The kind of clock -> the list of policies that time it."""


class SilentPolicy(Model):
    """Who misses so many first contacts within so many hours (elapsed) gets no new leads for so many minutes (elapsed),
    or until they reach somebody."""

    breaches: int = Field(ge=1, le=20)
    within_hours: int = Field(ge=1, le=24 * 30)
    away_minutes: int = Field(ge=1, le=60 * 24 * 7)


class HandoverCriterion(Model):
    """One thing that must be so of a lead that marketing hands over; `says` is how a rep reads that it is missing."""

    id: str
    if_: str = Field(alias="if")
    says: str


class HandoverPolicy(Model):
    """The least that marketing promises of the leads of which `if` holds when they are handed over to sales."""

    if_: str = Field(alias="if")
    criteria: tuple[HandoverCriterion, ...]


class SlaPolicy(Model):
    """`warn_at` is the share of the target after which the owner is warned; breach tells the manager. While a lead has
    one of `pause_statuses` the clocks of its owner stand still. `silent` sets a rep away who lets leads lie; None sets
    nobody away."""

    assignment: AssignmentPolicy
    lead_clock: tuple[LeadClockPolicy, ...] = ()
    first_contact: tuple[ContactPolicy, ...]
    acceptance: tuple[AcceptancePolicy, ...] = ()
    attempts: tuple[AttemptsPolicy, ...] = ()
    follow_up: tuple[FollowUpPolicy, ...] = ()
    disposition: tuple[DispositionPolicy, ...] = ()
    stage: tuple[StageTimePolicy, ...] = ()
    handover: HandoverPolicy | None = None
    warn_at: float = Field(default=0.75, gt=0, lt=1)
    callback: CallbackPolicy = CallbackPolicy()
    remind: RemindPolicy = RemindPolicy()
    pause_statuses: tuple[str, ...] = ()
    silent: SilentPolicy | None = None

    def of(self, kind: str) -> tuple[TimedPolicy, ...]:
        """The policies of a kind of clock, first come first; none for kinds that are not timed by conditions."""
        found: tuple[TimedPolicy, ...] = getattr(self, LISTS[kind]) if kind in LISTS else ()
        return found

    def policy(self, kind: str, name: str) -> TimedPolicy | None:
        """The policy that a clock of this kind was started by; None once it is gone from the rules."""
        return next((policy for policy in self.of(kind) if policy.id == name), None)


class CalendarsPolicy(Model):
    """Named calendars; `holidays` of a country are expanded when the rules are compiled."""

    calendars: dict[str, CalendarSpec]
