"""A note: one thing that happened, in a sentence the rep can read in the CRM."""

from __future__ import annotations

from leadrelay.domain.model import Instant, Model


class Note(Model):
    """One assignment, one step in the lifecycle, one refusal. `name` is written once for ever."""

    name: str
    body: str
    at: Instant
