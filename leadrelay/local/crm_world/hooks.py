"""Telling somebody outside of every change, as CRMs do with webhooks: in batches, late, doubled, out of order, and
again until it was taken.

What a message says and how it is signed is the vendor's; this is the post. A message goes to this machine only: a
sandbox must not be able to reach anybody else.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_WORKERS = 4
MOST_WAITING = 100_000
TAKEN_WITHIN = 5.0  # seconds

Event = Mapping[str, Any]
Dress = Callable[[Sequence[Event]], tuple[bytes, Mapping[str, str]]]
"""The body and headers of one message about these events."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How badly the post behaves. `batch` events in one message at most; `shuffled` in any order; each event `doubled`
    with this probability; what was not taken is sent again after `retry_seconds`, `attempts` times in all."""

    batch: int = 100
    shuffled: bool = False
    doubled: float = 0.0
    retry_seconds: float = 0.5
    attempts: int = 11


def checked(url: str) -> str:
    """The address of somebody on this machine. Raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or not parts.port:
        raise ValueError("webhooks of a sandbox go to http on this machine only, with a port")
    return url


class Post:
    """Delivers events to one address. Workers come when there is something to do and go when there is nothing, so
    nobody has to end it; safe under threads."""

    def __init__(self, url: str, dress: Dress, manners: Manners, seed: int = 1) -> None:
        self._url = urlsplit(checked(url))
        self._dress = dress
        self._manners = manners
        self._dice = random.Random(seed)  # noqa: S311 - disorder that can be repeated
        self._turn = threading.Condition()
        self._waiting: deque[tuple[float, int, Event]] = deque(maxlen=MOST_WAITING)
        self._workers = 0

    def take(self, events: Sequence[Event]) -> None:
        """Note events for delivery; returns at once."""
        with self._turn:
            for event in events:
                times = 2 if self._dice.random() < self._manners.doubled else 1
                self._waiting.extend([(0.0, 0, event)] * times)
            self._hire()

    def idle(self, seconds: float) -> bool:
        """Wait until everything was taken or given up; False where that took longer than so many seconds."""
        with self._turn:
            return self._turn.wait_for(lambda: not self._waiting and not self._workers, seconds)

    def _hire(self) -> None:
        if self._workers < MOST_WORKERS and self._waiting:
            self._workers += 1
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while (load := self._load()) is not None:
            attempt, events = load
            told = [{**event, "attemptNumber": attempt} for event in events]
            if not self._given(told) and attempt + 1 < self._manners.attempts:
                again = time.monotonic() + self._manners.retry_seconds
                with self._turn:
                    self._waiting.extend((again, attempt + 1, event) for event in events)

    def _load(self) -> tuple[int, list[Event]] | None:
        """The next batch that is due, all of one attempt; None when there is nothing left and the worker may go."""
        with self._turn:
            while self._waiting:
                now = time.monotonic()
                due = [one for one in self._waiting if one[0] <= now]
                if not due:
                    self._turn.wait(min(one[0] for one in self._waiting) - now)
                    continue
                if self._manners.shuffled:
                    self._dice.shuffle(due)
                load = [one for one in due if one[1] == due[0][1]][: self._manners.batch]
                for one in load:
                    self._waiting.remove(one)
                return load[0][1], [event for _, _, event in load]
            self._workers -= 1
            self._turn.notify_all()
            return None

    def _given(self, events: Sequence[Event]) -> bool:
        body, headers = self._dress(events)
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=TAKEN_WITHIN)
        path = f"{self._url.path or '/'}{'?' if self._url.query else ''}{self._url.query}"
        try:
            connection.request("POST", path, body, {**headers, "Content-Type": "application/json"})
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
