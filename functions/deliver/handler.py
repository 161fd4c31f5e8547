"""Queue of CardChanged → Deliver."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume_together
from leadrelay.domain.card.facts import CardChanged


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of CardChanged, worked together: many leads in one call to the CRM."""
    return consume_together(event, CardChanged, wiring.deliver(), wiring.telemetry())
