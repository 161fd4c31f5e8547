"""How fast an account may be asked: our own share of its rate, and what its answers say is left.

HubSpot sends `X-HubSpot-RateLimit-Remaining` (of a rolling interval) and `-Daily-Remaining` (of the account's day) with
most answers; search answers carry none, and OAuth apps see no daily ones. Stopping before a refusal keeps the rest of
the account's apps working: the limits are shared, and refusals count against a quality threshold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from leadrelay.ports.crm import Meter, Scope

INTERVAL = 10.0  # seconds, where the answer names none
DAY = 3600.0
"""Seconds to wait where the day's count is used up. It starts again at the account's own midnight, which we do not
know: asking once an hour is cheap."""
KEPT_BACK = 0.01
"""The part of the day's calls that is left to the people and the other apps of the account."""
PREFIX = "x-hubspot-ratelimit-"

Hold = tuple[float, Scope, str]
"""Seconds, what is blocked, and why."""


class Pace:
    """Asked before each request, told each answer's headers (names in lower case); safe under threads, which may at
    worst let one more request through. Without `heed` the answers' headers are not heeded: who looks at an account by
    hand wants an answer."""

    def __init__(
        self, meter: Meter | None = None, clock: Callable[[], float] = time.monotonic, *, heed: bool = True
    ) -> None:
        self._meter = meter
        self._clock = clock
        self._heed = heed
        self._closed: tuple[float, Scope, str] = (float("-inf"), "10s", "")

    def hold(self) -> Hold | None:
        """Why the next request must not be sent, None when it may."""
        until, scope, why = self._closed
        left = until - self._clock()
        if left > 0:
            return left, scope, why
        wait = self._meter() if self._meter else 0.0
        return (wait, "budget", "our share of the account's calls is used up") if wait > 0 else None

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take note of what an answer says is left."""
        if not self._heed:
            return
        left, most = _number(headers, "daily-remaining"), _number(headers, "daily")
        if left is not None and left <= (most or 0.0) * KEPT_BACK:
            self._closed = (self._clock() + DAY, "day", f"{left:g} of the account's calls are left today")
        elif _number(headers, "remaining") == 0:
            interval = (_number(headers, "interval-milliseconds") or INTERVAL * 1000) / 1000
            self._closed = (self._clock() + interval, "10s", "no calls are left in this interval")


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[PREFIX + name])
    except (KeyError, ValueError):
        return None
