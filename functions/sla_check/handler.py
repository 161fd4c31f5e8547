"""Schedule, each minute → SlaCheck, every ten seconds of that minute."""

from __future__ import annotations

import os
import time
from typing import Any

from functions import wiring

_EVERY_SECONDS = 10


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Sweep now, and again every ten seconds for LEADRELAY_SWEEP_SECONDS (0: once)."""
    until = time.monotonic() + int(os.environ.get("LEADRELAY_SWEEP_SECONDS", "0"))
    acted = wiring.sla_check()()
    while time.monotonic() + _EVERY_SECONDS <= until:
        time.sleep(_EVERY_SECONDS)
        acted += wiring.sla_check()()
    return {"acted": acted}
