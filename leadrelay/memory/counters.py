"""Counters in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from threading import Lock


class MemoryCounters:
    """Implements `ports.counters.Counters`. `until` keeps when each name may be forgotten; nothing is."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, name: str, until: datetime) -> int:
        """One more; how many there are now."""
        with self._lock:
            self.until[name] = until
            self._counts[name] += 1
            return self._counts[name]
