"""Attempts: every time somebody of ours tried to reach a person, and on which channel.

Only what people did is here: what a machine sends is no attempt of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from leadrelay.domain.clocks.policy import Channel
from leadrelay.domain.model import Instant, Model

KEPT = 20
"""How many are remembered: more than any policy asks for, and a lead stays small."""

CHANNEL: Mapping[str, Channel] = {
    "call": "phone",
    "sms": "phone",
    "email": "mail",
    "social": "social",
    "whatsapp": "social",
}
"""The event of an activity -> the channel it counts under. A meeting counts under none: it is what all this is for."""


class Try(Model):
    """One attempt, made at `at` (UTC), under the event that said so: call, email, meeting ..."""

    event: str
    at: Instant

    @property
    def channel(self) -> Channel | None:
        """Which of the channels it counts under."""
        return CHANNEL.get(self.event)


def with_tries(known: tuple[Try, ...], more: Iterable[Try]) -> tuple[Try, ...]:
    """All of them, earliest first. One that two systems tell of (the CRM and the telephone) counts once: the same thing
    done in the same minute."""
    earliest: dict[tuple[str, datetime], Try] = {}
    for each in sorted((*known, *more), key=lambda one: (one.at, one.event)):
        earliest.setdefault((each.event, minute(each.at)), each)
    return tuple(earliest.values())[-KEPT:]


def since(tries: Iterable[Try], start: datetime | None) -> tuple[Try, ...]:
    """Those made since then; CRMs note whole minutes."""
    return tuple(each for each in tries if start is None or each.at >= minute(start))


def minute(at: datetime) -> datetime:
    """The beginning of its minute."""
    return at.replace(second=0, microsecond=0)
