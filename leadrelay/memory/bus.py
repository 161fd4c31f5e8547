"""The bus in memory: keeps what was sent and lets subscribers run one fact at a time, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from leadrelay.domain.facts import Said

Subscriber = Callable[[Said], None]


class MemoryBus:
    """Implements `ports.bus.Bus`. `sent` is everything accepted; facts named in `refuse` are refused."""

    def __init__(self) -> None:
        self.sent: list[Said] = []
        self.refuse: set[str] = set()
        self._subscribers: list[tuple[frozenset[str], Subscriber]] = []
        self._waiting: deque[tuple[Subscriber, Said]] = deque()

    def subscribe(self, subscriber: Subscriber, *names: str) -> None:
        """Hand facts of these names to the subscriber; of every name when none is given."""
        self._subscribers.append((frozenset(names), subscriber))

    def send(self, facts: Sequence[Said]) -> list[int]:
        """Accept all but the refused, whose positions are returned. Nobody runs before `run`."""
        for fact in facts:
            if fact.name not in self.refuse:
                self._accept(fact)
        return [position for position, fact in enumerate(facts) if fact.name in self.refuse]

    def run(self) -> int:
        """Let subscribers work until nothing waits, facts sent meanwhile included. Returns how many were handled.

        What a subscriber raises comes out here, its fact no longer waiting.
        """
        handled = 0
        while self._waiting:
            subscriber, fact = self._waiting.popleft()
            subscriber(fact)
            handled += 1
        return handled

    def _accept(self, fact: Said) -> None:
        self.sent.append(fact)
        for names, subscriber in self._subscribers:
            if not names or fact.name in names:
                self._waiting.append((subscriber, fact))
