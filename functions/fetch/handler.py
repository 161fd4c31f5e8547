"""Queue of TouchReceived → FetchTouch, and of ContactDoubted → SecondLook: everything that reads the outside."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import Answer, Work, consume_kinds
from leadrelay.domain.facts import Fact
from leadrelay.domain.person.facts import TouchReceived
from leadrelay.domain.routing.facts import ContactDoubted


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of TouchReceived and ContactDoubted."""
    works: dict[type[Fact], Work] = {TouchReceived: wiring.fetch(), ContactDoubted: wiring.second_look()}
    return consume_kinds(event, works, wiring.telemetry())
