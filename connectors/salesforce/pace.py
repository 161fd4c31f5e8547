"""How fast an account may be asked: our own share of its calls, and what its answers say is left.

Salesforce counts calls over rolling 24 hours for everybody in the organisation together, and tells the count with most
answers (`Sforce-Limit-Info: api-usage=18/5000`). Stopping before the end keeps the account's other integrations alive.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from leadrelay.ports.crm import Meter, Scope

DAY = 3600.0
"""Seconds to wait where the day's count is used up: it rolls on, so some of it is free again by then."""
KEPT_BACK = 0.01
"""The part of the day's calls that is left to the people and the other integrations of the account."""
USAGE = re.compile(r"(?:^|[\s;,])api-usage=([0-9]{1,12})/([0-9]{1,12})")

Hold = tuple[float, Scope, str]
"""Seconds, what is blocked, and why."""


class Pace:
    """Asked before each request, told each answer's usage; safe under threads, which may at worst let one more request
    through. Without `heed` the count is not heeded: who looks at an account by hand wants an answer."""

    def __init__(
        self, meter: Meter | None = None, clock: Callable[[], float] = time.monotonic, *, heed: bool = True
    ) -> None:
        self._meter = meter
        self._clock = clock
        self._heed = heed
        self._closed: tuple[float, str] = (float("-inf"), "")

    def hold(self) -> Hold | None:
        """Why the next request must not be sent, None when it may."""
        until, why = self._closed
        left = until - self._clock()
        if left > 0:
            return left, "day", why
        wait = self._meter() if self._meter else 0.0
        return (wait, "budget", "our share of the account's calls is used up") if wait > 0 else None

    def heard(self, usage: str) -> None:
        """Take note of an answer's `Sforce-Limit-Info`, "" where there is none."""
        found = USAGE.search(usage)
        if not self._heed or not found:
            return
        used, most = int(found[1]), int(found[2])
        if most and used >= most * (1 - KEPT_BACK):
            self._closed = (self._clock() + DAY, f"{used} of the account's {most} calls in 24 hours are used")
