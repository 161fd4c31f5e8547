"""A warehouse's answer as a Parquet file with the columns and types of a base table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadrelay.domain.reporting.row import Type
from leadrelay.ports.errors import Reject

_TYPES: Mapping[Type, str] = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def to_parquet(answer: Path, columns: Mapping[str, Type], parquet: Path) -> int:
    """Writes the CSV's rows, of these types, and says how many. Raises Reject("answer_unreadable") where it has other
    columns, or a value of another type."""
    import duckdb

    _check(answer, columns)
    connection: Any = duckdb.connect(":memory:", config={**_OFFLINE, "temp_directory": str(parquet.parent / "spilled")})
    typed = ", ".join(f"'{name}': '{_TYPES[kind]}'" for name, kind in columns.items())
    reader = (
        f"read_csv({_quoted(answer)}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"nullstr = '', allow_quoted_nulls = false, columns = {{{typed}}})"
    )
    try:
        [(rows,)] = connection.execute(f"COPY (FROM {reader}) TO {_quoted(parquet)} (FORMAT parquet)").fetchall()
    except duckdb.Error as error:
        raise Reject("answer_unreadable", f"{answer.stem}: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
    return int(rows)


def _check(answer: Path, columns: Mapping[str, Type]) -> None:
    with answer.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file), [])
    if header != list(columns):
        raise Reject("answer_unreadable", f"{answer.stem}: the answer has the columns {', '.join(header)}")


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
