"""The people of one account: who was here last, and how many of them look at us in earnest.

One lead counts once, however many leads it was made of. Times are kept to the hour, so that an account is not written
at every click of everybody who works there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from leadrelay.domain.account.facts import AccountCounted
from leadrelay.domain.account.policy import AccountPolicy
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.signal import Signal

KEPT = 50
"""So many people are kept of one account: those who were here last."""


_PAST = timedelta(seconds=1)
"""On the very second somebody still counts as active."""


class Colleague(Model):
    """One person: the hours (UTC) of their last touch and of their last key signal, None without any."""

    lead_id: str
    touch_at: Instant
    key_at: Instant | None = None

    def together(self, other: Colleague) -> Colleague:
        """The same person, seen twice."""
        key_at = max(filter(None, (self.key_at, other.key_at)), default=None)
        return self.with_(touch_at=max(self.touch_at, other.touch_at), key_at=key_at)


class Crowd(Model):
    """The people of an account, who was here last first."""

    people: tuple[Colleague, ...] = ()

    def find(self, lead_id: str) -> Colleague | None:
        """This person, where they are among the people."""
        return next((each for each in self.people if each.lead_id == lead_id), None)

    def without(self, leads: Collection[str]) -> Crowd:
        """Without these leads: they became others, or work elsewhere."""
        return self.with_(people=tuple(each for each in self.people if each.lead_id not in leads))

    def seen(self, who: Colleague) -> Crowd:
        """With this person, as they were last seen."""
        known = self.find(who.lead_id)
        now = who if known is None else known.together(who)
        people = (*self.without((who.lead_id,)).people, now)
        ranked = sorted(people, key=lambda each: (each.touch_at, each.lead_id), reverse=True)
        return self.with_(people=tuple(ranked[:KEPT]))

    def counted(self, policy: AccountPolicy, now: datetime) -> AccountCounted:
        """How many there are, and how many gave a key signal lately (now: UTC)."""
        since = now - timedelta(days=policy.within_days)
        active = [each for each in self.people if each.key_at is not None and each.key_at >= since]
        return AccountCounted(people=len(self.people), active=len(active))

    def falls_silent_at(self, policy: AccountPolicy, now: datetime) -> datetime | None:
        """When the next of the active people is active no more, if nobody comes (UTC); None when nobody is active."""
        ends = (each.key_at + timedelta(days=policy.within_days) for each in self.people if each.key_at is not None)
        return min((end + _PAST for end in ends if end + _PAST > now), default=None)

    def recounted_at(self, before: Crowd, policy: AccountPolicy, now: datetime) -> datetime | None:
        """When somebody else of the account has to be told of how many they are (UTC): now, if this crowd is of other
        numbers than the one `before` and has more than one in it; else when somebody falls silent."""
        news = len(self.people) > 1 and self.counted(policy, now) != before.counted(policy, now)
        return now if news else self.falls_silent_at(policy, now)


def colleague(lead_id: str, signals: Mapping[str, Signal], touched_at: datetime, policy: AccountPolicy) -> Colleague:
    """A lead as one of its account's people."""
    times = (signals[name].times[0] for name in policy.signals if name in signals and signals[name].times)
    key_at = max(times, default=None)
    return Colleague(lead_id=lead_id, touch_at=_hour(touched_at), key_at=None if key_at is None else _hour(key_at))


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
