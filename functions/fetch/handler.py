"""Queue of TouchReceived → FetchTouch."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume
from leadrelay.domain.person.facts import TouchReceived


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of TouchReceived."""
    return consume(event, TouchReceived, wiring.fetch(), wiring.telemetry())
