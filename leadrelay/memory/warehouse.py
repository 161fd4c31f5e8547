"""The warehouse in memory: DuckDB over the rows of a lake in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from leadrelay.domain.reporting.row import COLUMNS
from leadrelay.memory.lake import MemoryLake

_TYPES = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}


class MemoryWarehouse:
    """Implements `ports.warehouse.Warehouse`; `asked` are the names of all queries so far."""

    def __init__(self, lake: MemoryLake) -> None:
        self._lake = lake
        self.asked: list[str] = []

    def objects(self, since: date) -> int:
        """See the port; nobody knows when which object came, so all count."""
        return len(self._lake.objects)

    def answers(self, facts: str, queries: Mapping[str, str], folder: Path) -> Mapping[str, Path]:
        """See the port."""
        import duckdb

        self.asked += queries
        connection = duckdb.connect(":memory:")
        columns = ", ".join(f"\"{name}\": '{_TYPES[kind]}'" for name, kind in COLUMNS.items())
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in self._lake.rows())
            lines.flush()
            reader = f"read_json('{lines.name}', format = 'newline_delimited', columns = {{{columns}}})"
            connection.execute(f"CREATE TABLE lake AS FROM {reader}")
        connection.execute(f"CREATE TABLE facts AS {facts}")
        for name, sql in queries.items():
            connection.execute(f"COPY ({sql}) TO '{folder / name}.csv' (HEADER)")
        return {name: folder / f"{name}.csv" for name in queries}
