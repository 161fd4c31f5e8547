"""`sla.yaml`: how fast, measured in whose working time, and what happens when it was not."""

from __future__ import annotations

from pydantic import Field

from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.model import Model


class AssignmentPolicy(Model):
    """From "an owner is needed" to "it has one", in elapsed minutes; a breach goes to RevOps with an alert."""

    minutes: int = Field(ge=1, le=1440)


class ContactPolicy(Model):
    """First contact within so many business seconds or minutes of the owner's calendar; first rule that holds wins.

    `calendar` overrides the owner's.
    """

    id: str
    if_: str = Field(alias="if")
    minutes: int | None = Field(default=None, ge=1)
    seconds: int | None = Field(default=None, ge=1)
    calendar: str | None = None

    @property
    def target(self) -> int:
        """Business seconds."""
        return self.seconds if self.seconds is not None else 60 * (self.minutes or 0)


class CallbackPolicy(Model):
    """A call that the customer asked for at a time of their own, at most `days` ahead (later ones are not promised, and
    the rep reads why). The owner is warned `warn_minutes` before it; `grace_minutes` after it are still in time."""

    days: int = Field(default=30, ge=1, le=365)
    warn_minutes: int = Field(default=15, ge=1, le=1440)
    grace_minutes: int = Field(default=5, ge=0, le=240)


class SlaPolicy(Model):
    """`warn_at` is the share of the target after which the owner is warned; breach tells the manager."""

    assignment: AssignmentPolicy
    first_contact: tuple[ContactPolicy, ...]
    warn_at: float = Field(default=0.75, gt=0, lt=1)
    callback: CallbackPolicy = CallbackPolicy()


class CalendarsPolicy(Model):
    """Named calendars; `holidays` of a country are expanded when the rules are compiled."""

    calendars: dict[str, CalendarSpec]
