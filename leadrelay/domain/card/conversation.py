"""Conversations: what they and we say to one another in chats, as the CRM keeps it.

A note for each message would bury the rep, so what is said within a few minutes becomes one note, written when those
minutes are over. Which messages a note holds is settled when each is heard: a note that was sent is never another one.
A lead only remembers which touches they are; their words stay with the touches.
"""

from __future__ import annotations

from collections.abc import Iterable

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.touch import Speaker

LONGEST = 20
"""So many messages are written out in one note; the others are counted."""

KEPT = 20
"""So many of the newest notes a lead remembers; older ones are in the CRM, or it was away for hours."""


class Message(Model):
    """One message: its touch, whose it was, and when it was said (UTC)."""

    touch_id: str
    by: Speaker
    at: Instant


class Talk(Model):
    """What was said until `until` (UTC), under a `name` that is written once for ever; `more` messages are not kept."""

    name: str
    until: Instant
    messages: tuple[Message, ...]
    more: int = 0

    def with_message(self, message: Message) -> Talk:
        """With one more, written out or counted."""
        if len(self.messages) >= LONGEST:
            return self.with_(more=self.more + 1)
        return self.with_(messages=(*self.messages, message))


Talks = tuple[Talk, ...]


def open_at(talks: Iterable[Talk], now: Instant) -> Talk | None:
    """The one that is still going on, the latest of several."""
    return max((talk for talk in talks if talk.until > now), key=_order, default=None)


def heard(talks: Talks, name: str, until: Instant, message: Message) -> Talks:
    """With a message in the talk of this name, which begins with it unless it is known."""
    if any(talk.name == name for talk in talks):
        return tuple(talk.with_message(message) if talk.name == name else talk for talk in talks)
    return together(talks, (Talk(name=name, until=until, messages=(message,)),))


def together(one: Iterable[Talk], other: Iterable[Talk]) -> Talks:
    """Both as one, oldest first."""
    known = {talk.name: talk for talk in (*other, *one)}
    return tuple(sorted(known.values(), key=_order)[-KEPT:])


def _order(talk: Talk) -> tuple[Instant, str]:
    return (talk.until, talk.name)
