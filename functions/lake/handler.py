"""Queue of every fact → KeepFacts."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, consume_all


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of facts becomes one object in the lake."""
    answer = consume_all(event, wiring.lake(), wiring.telemetry())
    wiring.telemetry().line("facts_kept", facts=len(event["Records"]) - len(answer["batchItemFailures"]))
    return answer
