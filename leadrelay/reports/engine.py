"""DuckDB over facts, or over base tables that were made from them: what reports select from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadrelay.reports.base import BASE
from leadrelay.reports.base.statements import NEEDS, statement
from leadrelay.reports.files import NoFacts, connect, facts_once, quoted, selected

__all__ = ["Engine", "NoFacts"]


class Engine:
    """The base tables in one DuckDB, in memory. Not to be shared between threads: `beside` gives another cursor."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def over_facts(cls, folder: Path, memory: str | None = None) -> Engine:
        """Makes the base tables from the lake rows in a folder and below: JSON lines or Parquet. `memory` bounds what
        DuckDB takes ("2GB"). Raises NoFacts."""
        connection = connect(memory)
        with tempfile.TemporaryDirectory() as scratch:
            facts_once(connection, folder, Path(scratch))
            connection.execute(f"CREATE VIEW facts AS {statement('facts')}")
            for table in (name for name in NEEDS if name in BASE):
                connection.execute(f"CREATE TABLE {table} AS {statement(table)}")
            connection.execute("DROP VIEW facts")
        return cls(connection)

    @classmethod
    def over_said(cls, rows: Iterable[Mapping[str, object]]) -> Engine:
        """Makes the base tables from these lake rows."""
        with tempfile.TemporaryDirectory() as folder:
            lines = (json.dumps(dict(row)) + "\n" for row in rows)
            Path(folder, "facts.jsonl").write_text("".join(lines), encoding="utf-8")
            return cls.over_facts(Path(folder))

    @classmethod
    def over_rows(cls, folder: Path) -> Engine:
        """Reads base tables that were made before: `<table>.parquet` in the folder. A table without a file is empty: it
        was made by an earlier release. Raises NoFacts where there is none at all."""
        if not any((folder / f"{table}.parquet").exists() for table in BASE):
            raise NoFacts(
                f"{folder} has no base table; they are made by the schedule some minutes after the first fact"
            )
        connection = connect(None)
        for table, columns in BASE.items():
            file = folder / f"{table}.parquet"
            reader = f"read_parquet({quoted(file)})" if file.exists() else "(SELECT 1 WHERE FALSE)"
            found = selected(connection, reader, columns)
            connection.execute(f"CREATE TABLE {table} AS {found}")
        connection.execute("SET enable_external_access = false")  # pages ask it: no question reaches a file
        return cls(connection)

    def keep(self, folder: Path) -> None:
        """Writes every base table as `<table>.parquet`."""
        folder.mkdir(parents=True, exist_ok=True)
        for table in BASE:
            self._connection.execute(f"COPY {table} TO {quoted(folder / f'{table}.parquet')} (FORMAT parquet)")

    def beside(self) -> Engine:
        """Another cursor over the same tables, for another thread."""
        return Engine(self._connection.cursor())

    def select(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement; `values` take the places of its question marks."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql, list(values)).fetchall()
        return found
