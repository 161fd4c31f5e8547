"""Schedule, each minute → SlaCheck, every few seconds of that minute."""

from __future__ import annotations

import os
import time
from typing import Any, Protocol

from functions import wiring
from leadrelay.ports.errors import Retry
from leadrelay.workflows.spare import Lasts

MARGIN_MS = 5000
"""What is begun has this long to end, before the function is ended."""


class Context(Protocol):
    """What Lambda tells of this invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Until it is ended."""
        ...


def handler(_event: dict[str, Any], context: Context) -> dict[str, int]:
    """Sweep now, and again every LEADRELAY_SWEEP_EVERY_SECONDS for LEADRELAY_SWEEP_SECONDS (0: once). What is not done
    a margin before the function's end is the next sweep's; one that takes longer than planned delays the next."""
    begun = time.monotonic()
    every, lasting = _seconds("LEADRELAY_SWEEP_EVERY_SECONDS"), _seconds("LEADRELAY_SWEEP_SECONDS")

    def lasts() -> bool:
        return context.get_remaining_time_in_millis() > MARGIN_MS

    acted = _sweep(lasts)
    for planned in range(every, lasting + 1, every) if every else ():
        time.sleep(max(0.0, begun + planned - time.monotonic()))
        acted += _sweep(lasts) if lasts() else 0
    return {"acted": acted}


def _seconds(name: str) -> int:
    return int(os.environ.get(name, "0"))


def _sweep(lasts: Lasts) -> int:
    """A table that is away for a moment ends this sweep, not those that follow; the heartbeat is missing then."""
    try:
        return wiring.sla_check()(lasts)
    except Retry as away:
        wiring.telemetry().count("SweepTroubled", trouble=type(away).__name__)
        return 0
