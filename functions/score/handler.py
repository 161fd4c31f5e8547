"""Queue of TouchReady → Score."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume
from leadrelay.domain.person.facts import TouchReady


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of TouchReady."""
    return consume(event, TouchReady, wiring.score(), wiring.telemetry())
