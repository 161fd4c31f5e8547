"""A requested call: the time somebody asked to be called at becomes the deadline of the first contact.

It is due at that very time when the owner works then, else at the nearest working instant that is still to come: a rep
who works till 17:00 calls before five who asked for six, and on Monday morning who asked for Monday at seven. The owner
is warned before it, and a call some minutes after it is still in time: nobody dials at the second.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.clocks.clock import Clock, warning
from leadrelay.domain.model import Instant, Model

if TYPE_CHECKING:
    from leadrelay.domain.clocks.policy import CallbackPolicy

CALLBACK = "callback"
"""Stands where a contact policy's id would."""

_BACK = timedelta(days=7)
"""How far before the time asked for a working instant is looked for."""


class Callback(Model):
    """`at` is when to call, `asked_at` when it was asked for (UTC); `served` once somebody reached out after that."""

    at: Instant
    asked_at: Instant
    touch_id: str
    served: bool = False

    def replaces(self, other: Callback | None) -> bool:
        """The newest request counts: by time, then by touch id, never by the order of arrival."""
        return other is None or (self.asked_at, self.touch_id) > (other.asked_at, other.touch_id)

    def after_contact(self, made_at: datetime) -> Callback:
        """A contact made after it was asked for serves it."""
        return self.with_(served=self.served or made_at > self.asked_at)

    def waits(self, now: datetime) -> bool:
        """Whether the call is still to come."""
        return not self.served and self.at > now


def acceptable(at: datetime, asked_at: datetime, policy: CallbackPolicy) -> str | None:
    """Why a requested time is not promised: it had passed when it was asked for, or is too far off. None: it is."""
    if at <= asked_at:
        return "the time had passed"
    return f"more than {policy.days} days ahead" if at > asked_at + timedelta(days=policy.days) else None


def callback_clock(
    callback: Callback, hop: int, name: str, hours: Calendar, policy: CallbackPolicy, now: datetime
) -> Clock:
    """The owner's clock until the call, in the working time of the calendar `name`."""
    due = working_instant(callback.at, hours, now)
    warn = due - timedelta(minutes=policy.warn_minutes)
    return Clock(
        kind="first_contact",
        hop=hop,
        policy=CALLBACK,
        calendar=name,
        started_at=now,
        due_at=due,
        checkpoints=warning(warn) if warn > now else (),
        grace_seconds=60 * policy.grace_minutes,
    )


def working_instant(at: datetime, hours: Calendar, now: datetime) -> datetime:
    """`at` where it is working time, else the nearest working instant after `now`; of two as near, the later one."""
    after = hours.next_open(at)
    if after <= at:
        return at
    before = [part.end for part in hours.trace_between(max(now, at - _BACK), at)]
    return before[-1] if before and at - before[-1] < after - at else after
