"""Queue of OwnerNeeded → Route."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume
from leadrelay.domain.routing.facts import OwnerNeeded


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of OwnerNeeded."""
    return consume(event, OwnerNeeded, wiring.route(), wiring.telemetry())
