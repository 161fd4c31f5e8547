"""Queue of NoticeNeeded → Notify."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume
from leadrelay.domain.card.facts import NoticeNeeded


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of NoticeNeeded."""
    return consume(event, NoticeNeeded, wiring.notify(), wiring.telemetry())
