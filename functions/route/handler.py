"""Queue of OwnerNeeded → Route."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume_together
from leadrelay.domain.routing.facts import OwnerNeeded


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of OwnerNeeded, worked together: many leads in one transaction."""
    return consume_together(event, OwnerNeeded, wiring.route(), wiring.telemetry())
