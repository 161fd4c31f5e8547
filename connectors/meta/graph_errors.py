"""What the Graph API's error codes mean for the caller.

The HTTP status is 400 for nearly everything; the code in the body tells. From Meta's error reference ("Handle
errors", "Rate limits").
"""

from __future__ import annotations

from connectors.kit import json_body
from connectors.kit.http import MAX_RETRY_SECONDS, Answer, retry_after, trouble
from connectors.kit.wild import Wild
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.source import Malformed

_UNRESOLVABLE = frozenset({(100, 33), (803, None)})
"""Unknown object: the dashboard's test button, an erased lead, or one this app may not read."""
_AWAY = frozenset({1, 2})
_THROTTLED = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_TOKEN = frozenset({102, 190, 463, 467})
_RIGHTS = frozenset({3, 10, *range(200, 300)})
THROTTLE_SECONDS = 300.0
_USAGE = ("x-business-use-case-usage", "x-app-usage")
_LIMITS = ("call_count", "total_cputime", "total_time")


def graph_trouble(answer: Answer) -> PortError | None:
    """The error an answer stands for, or None for success."""
    if 200 <= answer.status < 300:
        return None
    try:
        error = json_body.read(answer.body).get("error")
        code, subcode = error.get("code").whole(0, 10**9), _subcode(error)
    except Malformed:
        return trouble(answer)
    return _by_code(code, subcode, answer)


def used_share(answer: Answer) -> int:
    """Per cent of the page's (or the app's) calls that are used, as the answer's headers tell; 0 when they do not. The
    fullest of all limits counts."""
    return max((_fullest(answer.headers.get(name, "")) for name in _USAGE), default=0)


def _fullest(header: str) -> int:
    """`{"<id>": [{"type": "leadgen", "call_count": 28, …}]}` of a page, `{"call_count": 28, …}` of the app."""
    try:
        found = json_body.read(header.encode())
        pages = [row for _, rows in found.entries() if rows.is_list for row in rows.each()]
        return max(
            (
                row.optional(name).whole(0, 10**6)
                for row in (found, *pages)
                for name in _LIMITS
                if not row.optional(name).missing
            ),
            default=0,
        )
    except Malformed:
        return 0


def _subcode(error: Wild) -> int | None:
    subcode = error.get("error_subcode")
    return None if subcode.missing else subcode.whole(0, 10**9)


def _by_code(code: int, subcode: int | None, answer: Answer) -> PortError | None:
    if answer.status >= 500 or code in _AWAY:
        return Retry(retry_after(answer), f"Graph API error {code}", "outage")
    if answer.status == 429 or code in _THROTTLED:
        after = retry_after(answer) if "retry-after" in answer.headers else THROTTLE_SECONDS
        return Retry(min(after, MAX_RETRY_SECONDS), f"Graph API limit {code}", "10s")
    if {(code, subcode), (code, None)} & _UNRESOLVABLE:
        return Reject("unresolvable", f"Graph API error {code}: a test id, or no Leads Access for this app")
    if code in _TOKEN:
        return Misconfigured(f"Graph API error {code}: the access_token has expired or was revoked; store a new one")
    if code in _RIGHTS:
        return Misconfigured(f"Graph API error {code}: grant leads_retrieval and Leads Access to the app")
    return Misconfigured(f"Graph API error {code}/{subcode}: check graph_version and app_secret")
