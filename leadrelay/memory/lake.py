"""The lake in memory: rows as they come back from JSON, one list per object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence


class MemoryLake:
    """Implements `ports.bus.Lake`."""

    def __init__(self) -> None:
        self.objects: list[list[dict[str, object]]] = []

    def append(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Keep the rows as one object; no rows make none. A row that is not JSON raises TypeError."""
        if rows:
            self.objects.append([json.loads(json.dumps(dict(row), allow_nan=False)) for row in rows])

    def rows(self) -> list[dict[str, object]]:
        """Every row of every object, in order."""
        return [row for rows in self.objects for row in rows]
