"""Telling people: Slack, Teams, mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `key` is equal for repeats of the same notice; vendors that can, collapse on it."""

    key: str
    title: str
    body: str


class Notifier(Protocol):
    """One channel. Raises Retry (away, throttled), Reject (refused for good), Misconfigured (bad address or token)."""

    def send(self, message: Message) -> None:
        """Deliver; a repeat after an unknown outcome may be seen twice."""
        ...
