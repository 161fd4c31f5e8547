"""A note: one thing that happened, in a sentence the rep can read in the CRM."""

from __future__ import annotations

from leadrelay.domain.card.conversation import Talk
from leadrelay.domain.model import Instant, Model


class Note(Model):
    """One assignment, one step in the lifecycle, one refusal, or some minutes of a conversation (`talk`): its words are
    with the touches, and take the place of `body` when it is written. `name` is written once for ever."""

    name: str
    body: str
    at: Instant
    talk: Talk | None = None
