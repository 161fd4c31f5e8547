"""The answer most senders expect. Bodies are constants: they tell an attacker nothing and a bot as much.

Plain 200 for success, never 202 or 204: some senders show their visitor an error for those. Never 404 or 410: some
senders disable the webhook at once. A failure of ours is 503 with Retry-After, so that the sender keeps the lead.
"""

from __future__ import annotations

from leadrelay.ports.source import Outcome, Reply

RETRY_AFTER = "30"
"""Seconds."""
STATUS: dict[Outcome, int] = {
    "stored": 200,
    "unauthentic": 401,
    "malformed": 400,
    "too_large": 413,
    "unsupported_encoding": 415,
    "unavailable": 503,
}
_BODY: dict[Outcome, str] = {
    "stored": "ok",
    "unauthentic": "not authentic",
    "malformed": "not understood",
    "too_large": "too large",
    "unsupported_encoding": "send the body without content encoding",
    "unavailable": "try again later",
}


def plain(outcome: Outcome) -> Reply:
    """Status and a constant text."""
    return Reply(STATUS[outcome], _BODY[outcome], headers=headers(outcome))


def headers(outcome: Outcome) -> dict[str, str]:
    """`Retry-After` (seconds) where the sender should come back."""
    return {"retry-after": RETRY_AFTER} if outcome == "unavailable" else {}


def message(outcome: Outcome) -> str:
    """The constant text of an outcome."""
    return _BODY[outcome]
