"""What operators see: counters and one line per piece of work. Codes and ids only, never what a person said."""

from __future__ import annotations

from typing import Protocol


class Telemetry(Protocol):
    """Never raises: telemetry must not decide the fate of a lead."""

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Add to a metric, with few-valued dimensions (source, crm, pool)."""
        ...

    def line(self, event: str, **ids: str | int | float | bool | None) -> None:
        """One structured log line of codes, ids and numbers."""
        ...
