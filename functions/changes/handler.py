"""Queue of partners' events → Changes."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume_bodies


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of events, each as its bus had it."""
    return consume_bodies(event, wiring.changes(), wiring.telemetry())
