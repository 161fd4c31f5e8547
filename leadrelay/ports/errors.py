"""Errors named for what the caller must do next.

Every adapter and connector translates what it meets into one of these; workflows know no others.

    PortError
    ├── Retry          try again after so many seconds: nothing is wrong with the work itself
    ├── Reject         never try again: the work itself is refused, with a reason a person can read
    ├── Misconfigured  a person must change the set-up; the message says what to change
    └── Conflict       somebody else changed the same thing first: load, decide and commit again
"""

from __future__ import annotations


class PortError(Exception):
    """Base of the four; never raised itself."""


class Retry(PortError):
    """The outside is slow, throttled or away. `after` is in seconds, `scope` says what is blocked."""

    def __init__(self, after: float, why: str, scope: str = "record") -> None:
        super().__init__(f"{why}; try again in {after:g} s")
        self.after = after
        self.why = why
        self.scope = scope


class Reject(PortError):
    """Refused for good. `reason` is a short code (no personal data), `detail` helps a person to fix the cause."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Misconfigured(PortError):
    """The set-up is wrong; the message tells what to fix and where."""


class Conflict(PortError):
    """A condition of a commit no longer holds; `key` names the first record that had moved on."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} has changed since it was read")
        self.key = key
