"""What HubSpot's answers say is left of the account's rate.

HubSpot sends `X-HubSpot-RateLimit-Remaining` (of a rolling interval) and `-Daily-Remaining` (of the account's day) with
most answers; search answers carry none, and OAuth apps see no daily ones. Stopping before a refusal keeps the rest of
the account's apps working: the limits are shared, and refusals count against a quality threshold.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.crm_pace import DAY, KEPT_BACK, Hold

INTERVAL = 10.0  # seconds, where the answer names none
PREFIX = "x-hubspot-ratelimit-"


def said(headers: Mapping[str, str]) -> Hold | None:
    """The wait that an answer's headers (names in lower case) ask for, None where enough is left."""
    left, most = _number(headers, "daily-remaining"), _number(headers, "daily")
    if left is not None and left <= (most or 0.0) * KEPT_BACK:
        return DAY, "day", f"{left:g} of the account's calls are left today"
    if _number(headers, "remaining") == 0:
        interval = (_number(headers, "interval-milliseconds") or INTERVAL * 1000) / 1000
        return interval, "10s", "no calls are left in this interval"
    return None


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[PREFIX + name])
    except (KeyError, ValueError):
        return None
