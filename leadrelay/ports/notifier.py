"""Telling people: Slack, Teams, mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `key` is equal for repeats of the same notice; vendors that can, collapse on it. `links` are labels
    with addresses that people follow to answer; an address is as good as a password."""

    key: str
    title: str
    body: str
    links: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    to: str = field(default="", repr=False)


class Notifier(Protocol):
    """One channel. Raises Retry (away, throttled), Reject (refused for good), Misconfigured (bad address or token)."""

    def send(self, message: Message) -> None:
        """Deliver; a repeat after an unknown outcome may be seen twice."""
        ...
