"""The time, as an argument of everything that decides."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The wall clock."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        ...
