"""Writes what Amazon Athena is asked: the statements of the base tables, translated from DuckDB's dialect.

`make deploy` runs it before the functions are built; the package takes the file along (infra/build/package.py).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import sqlglot

from leadrelay.reports.base.dialect import Asking, written


def translated(asking: Asking) -> Asking:
    """The same for Athena. Raises ValueError for what it has no words for."""
    return Asking(translation(asking.facts), {name: translation(sql) for name, sql in asking.queries.items()})


def translation(sql: str) -> str:
    """One statement for Athena, every name in quotes: some of ours are words of its own."""
    try:
        [found] = sqlglot.transpile(
            sql, read="duckdb", write="athena", identify=True, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE
        )
    except sqlglot.errors.SqlglotError as problem:
        raise ValueError(str(problem)) from problem
    return found


def main() -> int:
    """Command line: the file to write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    arguments.file.write_text(json.dumps(translated(written())._asdict(), indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
