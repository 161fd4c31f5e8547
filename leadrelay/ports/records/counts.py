"""Counts that the table forgets by itself."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from leadrelay.domain.model import Instant
from leadrelay.ports.store import Key, Record


class CountRecord(Record):
    """How often something happened in a window: `version` is the count. `name` holds a keyed hash, never an address."""

    kind: ClassVar[str] = "count"
    name: str
    until: Instant

    def key(self) -> Key[CountRecord]:
        """By its name."""
        return Key(f"COUNT#{self.name}", "COUNT", CountRecord)

    def expires_at(self) -> datetime | None:
        """When its window is over."""
        return self.until
