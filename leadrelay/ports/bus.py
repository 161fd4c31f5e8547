"""Publishing facts, and the lake's way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from leadrelay.domain.facts import Said


class Bus(Protocol):
    """The event bus. Only `publish` writes to it."""

    def send(self, facts: Sequence[Said]) -> list[int]:
        """Send all; returns the positions that were refused, to be tried again. Raises Retry when it is away."""
        ...


class Lake(Protocol):
    """Where flat rows are kept for reports."""

    def append(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Store the rows as one object. Raises Retry."""
        ...
