"""How fast a CRM's account may be asked: our own share of its rate, and what its answers say is left.

An account's limits are shared by everybody who works with it. Stopping before a refusal keeps the others at work.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from leadrelay.ports.crm import Meter, Scope

DAY = 3600.0
"""Seconds to wait where the day's count is used up. We do not know when the account's day ends, or how much of a
rolling count is free again by then: asking once an hour is cheap."""
KEPT_BACK = 0.01
"""The part of the day's calls that is left to the people and the other apps of the account."""

Hold = tuple[float, Scope, str]
"""Seconds, what is blocked, and why."""


class Pace:
    """Asked before each request, told what each answer says is left; safe under threads, which may at worst let one
    more request through. Without `heed` answers do not count: who looks at an account by hand wants an answer."""

    def __init__(
        self, meter: Meter | None = None, clock: Callable[[], float] = time.monotonic, *, heed: bool = True
    ) -> None:
        self._meter = meter
        self._clock = clock
        self._heed = heed
        self._closed: Hold = (float("-inf"), "10s", "")

    def hold(self) -> Hold | None:
        """Why the next request must not be sent, None when it may."""
        until, scope, why = self._closed
        left = until - self._clock()
        if left > 0:
            return left, scope, why
        wait = self._meter() if self._meter else 0.0
        return (wait, "budget", "our share of the account's calls is used up") if wait > 0 else None

    def heard(self, told: Hold | None) -> None:
        """Take note of an answer after which nothing may be sent for a while, None for one that does not say so."""
        if told and self._heed:
            after, scope, why = told
            self._closed = (self._clock() + after, scope, why)
