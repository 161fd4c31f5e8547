"""Queue of SourceDue → Poll."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume
from leadrelay.domain.person.facts import SourceDue


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of SourceDue."""
    return consume(event, SourceDue, wiring.poll(), wiring.telemetry())
