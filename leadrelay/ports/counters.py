"""Counting what happens often: how many there were, without who they were."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Counters(Protocol):
    """Counts that are forgotten. Each addition counts, whoever else is counting at that moment."""

    def add(self, name: str, until: datetime) -> int:
        """One more under this name (no personal data), kept until that time (UTC) at least; how many there are now.
        Raises Retry, Misconfigured."""
        ...
