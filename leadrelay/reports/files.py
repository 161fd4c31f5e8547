"""Files of the lake as DuckDB reads them: whoever wrote them, every fact once, never all of them in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from leadrelay.domain.reporting.row import COLUMNS, Type
from leadrelay.reports.base.statements import statement

_SQL: Mapping[Type, str] = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
_LINES = ("*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz")
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_REPEATED = "hash(fact_id) IN (SELECT mark FROM repeated)"


class NoFacts(Exception):
    """The folder has nothing that can be read; the message says what it should have, or which file is damaged."""


def connect(memory: str | None) -> Any:
    """A DuckDB in memory, of so much at most ("2GB"; None: most of what the machine has). What is more goes to a folder
    of its own among the machine's temporary ones: where a function works it may not write."""
    import duckdb

    spilled = {"temp_directory": str(Path(tempfile.gettempdir(), f"duckdb-{uuid4().hex}"))}
    limit = {} if memory is None else {"memory_limit": memory}
    return duckdb.connect(":memory:", config={**_OFFLINE, **spilled, **limit})


def facts_once(connection: Any, folder: Path, scratch: Path) -> None:
    """Makes the views `lake` and `once` of the files in a folder and below; they read what is put into `scratch`.

    To find repeats by ordering all facts takes far more memory than a short mark of each. Most facts have a mark of
    their own and are there once for sure; only the others are compared. Raises NoFacts.
    """
    import duckdb

    try:
        connection.execute(f"CREATE VIEW lake AS {_lake(connection, folder, scratch)}")
    except (duckdb.InvalidInputException, duckdb.ConversionException) as damaged:
        why = str(damaged).splitlines()[0].partition("Error: ")[2]
        raise NoFacts(f"{folder} has a file that is no file of the lake, or only part of one: {why}") from damaged
    marks = "SELECT hash(fact_id) AS mark FROM lake GROUP BY mark HAVING count(*) > 1"
    connection.execute(f"CREATE TABLE repeated AS {marks}")
    [(repeated,)] = connection.execute("SELECT count(*) FROM repeated").fetchall()
    columns = statement("once").partition("\nFROM ")[0]
    if not repeated:
        connection.execute(f"CREATE VIEW once AS {columns} FROM lake")
        return
    compared = statement("once").replace("FROM lake", f"FROM lake WHERE {_REPEATED}")
    singles = f"{columns} FROM lake WHERE NOT {_REPEATED}"
    connection.execute(f"CREATE VIEW once AS {_kept(connection, f'{singles} UNION ALL {compared}', scratch / 'once')}")


def selected(connection: Any, reader: str, columns: Mapping[str, Type]) -> str:
    """All columns, of their types; null where the files have none."""
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()}
    cast = (
        f"CAST({_name(name) if name in there else 'NULL'} AS {_SQL[kind]}) AS {_name(name)}"
        for name, kind in columns.items()
    )
    return f"SELECT {', '.join(cast)} FROM {reader}"


def quoted(file: Path) -> str:
    """A file's name as SQL has it."""
    return "'" + str(file).replace("'", "''") + "'"


def _lake(connection: Any, folder: Path, scratch: Path) -> str:
    """The lake's rows. Lines are read once, for every table reads them again. A folder such as `day=2026-11-22` is a
    place and no column: it would hide the one of that name."""
    lines = [file for pattern in _LINES for file in sorted(folder.rglob(pattern))]
    parquet = sorted(folder.rglob("*.parquet"))
    parts = [_kept(connection, read_lines(lines), scratch / "lines")] if lines else []
    if parquet:
        reader = f"read_parquet([{', '.join(map(quoted, parquet))}], union_by_name = true, hive_partitioning = false)"
        parts.append(selected(connection, reader, COLUMNS))
    if not parts:
        raise NoFacts(f"{folder} has no facts: give a folder with .jsonl or .parquet files of the lake")
    return " UNION ALL ".join(parts)


def read_lines(lines: Sequence[Path]) -> str:
    """The rows in files of JSON lines, with every column."""
    columns = ", ".join(f"{_name(name)}: '{_SQL[kind]}'" for name, kind in COLUMNS.items())
    listed = ", ".join(map(quoted, lines))
    how = "format = 'newline_delimited', hive_partitioning = false"
    return f"SELECT * FROM read_json([{listed}], {how}, columns = {{{columns}}})"


def _kept(connection: Any, rows: str, into: Path) -> str:
    """These rows in a file, column by column, and how they are read from there."""
    connection.execute(f"COPY ({rows}) TO {quoted(into)} (FORMAT parquet, COMPRESSION snappy)")
    return f"SELECT * FROM read_parquet({quoted(into)})"


def _name(column: str) -> str:
    return f'"{column}"'
