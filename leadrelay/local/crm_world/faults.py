"""Trouble on demand: which requests fail, how, and whether their work was done before they failed.

A fault's kind is an HTTP status (`429`, `500` …), `429_second`, `429_day`, `timeout` or `reset`. With the suffix
`_after_commit` the request does its work first and only then fails, which is what makes an outcome unknown. A request
asks for a fault of its own with the header `X-Sandbox-Fault`.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

AFTER_COMMIT = "_after_commit"
KINDS = frozenset(
    {"400", "401", "403", "404", "409", "423", "429", "429_second", "429_day", "477", "500", "502", "503", "504"}
    | {"timeout", "reset"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request. `hold` is how many seconds a `timeout` keeps the caller waiting."""

    kind: str
    match: str = ".*"
    hold: float = 30.0

    @property
    def effect(self) -> str:
        """The kind without its suffix: what the caller sees."""
        return self.kind.removesuffix(AFTER_COMMIT)

    @property
    def commits(self) -> bool:
        """Whether the request's work is done before it fails."""
        return self.kind.endswith(AFTER_COMMIT)


def known(fault: Fault) -> Fault:
    """The fault itself. Raises ValueError for an unknown kind."""
    if fault.effect not in KINDS:
        raise ValueError(f"unknown fault {fault.kind!r}; known: {', '.join(sorted(KINDS))}")
    return fault


class Faults:
    """Faults waiting for their requests, taken in the order in which they were asked for; safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []

    def add(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` requests whose "METHOD /path" matches fail. Raises ValueError for an unknown kind."""
        known(fault)
        if times < 1:
            raise ValueError("times must be at least 1")
        re.compile(fault.match)
        with self._lock:
            self._waiting.append((fault, times))

    def take(self, line: str) -> Fault | None:
        """The fault for this request line ("POST /path"), used up by being taken."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if re.search(fault.match, line):
                    self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None

    def left(self) -> int:
        """How many requests are still going to fail."""
        with self._lock:
            return sum(left for _, left in self._waiting)

    def clear(self) -> None:
        """Forget every waiting fault."""
        with self._lock:
            self._waiting.clear()
