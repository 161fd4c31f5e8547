"""Telemetry in memory: everything that was counted and said."""

from __future__ import annotations

from collections import Counter


class MemoryTelemetry:
    """Implements `ports.telemetry.Telemetry`."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, str | int | float | bool | None]]] = []
        self._counts: Counter[tuple[str, frozenset[tuple[str, str]]]] = Counter()

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Add to a metric."""
        # Counter is declared for whole numbers; at run time it adds any.
        self._counts[metric, frozenset(dimensions.items())] += value  # type: ignore[assignment]

    def line(self, event: str, **ids: str | int | float | bool | None) -> None:
        """Keep the line."""
        self.lines.append((event, ids))

    def total(self, metric: str, **dimensions: str) -> float:
        """The sum over all counts of this metric that carry at least these dimensions."""
        wanted = dimensions.items()
        return sum(value for (name, have), value in self._counts.items() if name == metric and wanted <= have)
