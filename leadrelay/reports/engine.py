"""DuckDB over facts, or over base tables that were made from them: what reports select from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadrelay.domain.reporting.row import COLUMNS, Type
from leadrelay.reports.base import BASE
from leadrelay.reports.base.statements import NEEDS, statement

_SQL: Mapping[Type, str] = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
_LINES = ("*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz")
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class NoFacts(Exception):
    """The folder has nothing to read; the message says what it should have."""


class Engine:
    """The base tables in one DuckDB, in memory. Not to be shared between threads: `beside` gives another cursor."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def over_facts(cls, folder: Path, memory: str | None = None) -> Engine:
        """Makes the base tables from the lake rows in a folder and below: JSON lines or Parquet. `memory` bounds what
        DuckDB takes ("2GB"). Raises NoFacts."""
        return cls._made(_lake(folder), memory)

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
        connection = _connect(None)
        for table, columns in BASE.items():
            file = folder / f"{table}.parquet"
            reader = f"read_parquet({_quoted(file)})" if file.exists() else "(SELECT 1 WHERE FALSE)"
            found = _selected(connection, reader, columns)
            connection.execute(f"CREATE TABLE {table} AS {found}")
        return cls(connection)

    @classmethod
    def _made(cls, lake: str, memory: str | None) -> Engine:
        connection = _connect(memory)
        connection.execute(f"CREATE VIEW lake AS {lake}")
        for table in NEEDS:
            connection.execute(f"CREATE TABLE {table} AS {statement(table)}")
        connection.execute("DROP TABLE facts")
        return cls(connection)

    def keep(self, folder: Path) -> None:
        """Writes every base table as `<table>.parquet`."""
        folder.mkdir(parents=True, exist_ok=True)
        for table in BASE:
            self._connection.execute(f"COPY {table} TO {_quoted(folder / f'{table}.parquet')} (FORMAT parquet)")

    def beside(self) -> Engine:
        """Another cursor over the same tables, for another thread."""
        return Engine(self._connection.cursor())

    def select(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement; `values` take the places of its question marks."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql, list(values)).fetchall()
        return found


def _connect(memory: str | None) -> Any:
    import duckdb

    return duckdb.connect(":memory:", config={**_OFFLINE, **({} if memory is None else {"memory_limit": memory})})


def _lake(folder: Path) -> str:
    """The lake's rows, with every column, whoever wrote them."""
    found = [file for pattern in _LINES for file in sorted(folder.rglob(pattern))]
    parquet = sorted(folder.rglob("*.parquet"))
    parts = [_lines(found)] if found else []
    if parquet:
        reader = f"read_parquet([{', '.join(map(_quoted, parquet))}], union_by_name = true)"
        parts.append(_selected(_connect(None), reader, COLUMNS))
    if not parts:
        raise NoFacts(f"{folder} has no facts: give a folder with .jsonl or .parquet files of the lake")
    return " UNION ALL ".join(parts)


def _lines(found: Sequence[Path]) -> str:
    columns = ", ".join(f"{_name(name)}: '{_SQL[kind]}'" for name, kind in COLUMNS.items())
    listed = ", ".join(map(_quoted, found))
    return f"SELECT * FROM read_json([{listed}], format = 'newline_delimited', columns = {{{columns}}})"


def _selected(connection: Any, reader: str, columns: Mapping[str, Type]) -> str:
    """All columns, of their types; null where the files have none."""
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()}
    cast = (
        f"CAST({_name(name) if name in there else 'NULL'} AS {_SQL[kind]}) AS {_name(name)}"
        for name, kind in columns.items()
    )
    return f"SELECT {', '.join(cast)} FROM {reader}"


def _name(column: str) -> str:
    return f'"{column}"'


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
