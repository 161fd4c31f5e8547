"""Facts as the lake keeps them, for tests of what is counted from them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from leadrelay.domain.facts import Said
from leadrelay.domain.reporting.row import COLUMNS
from leadrelay.reports.engine import Engine
from leadrelay.workflows.lake import row

_SQL = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
_FROZEN = Path(__file__).parents[1] / "corpus" / "facts" / "0.1.json"


def frozen_facts() -> list[Said]:
    """One life with every fact that the first release knew."""
    return [Said.model_validate(said) for said in json.loads(_FROZEN.read_text(encoding="utf-8"))]


def connection_of(facts: Iterable[Said]) -> Any:
    """A DuckDB with nothing but these facts, as the table `lake`."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE TABLE lake ({', '.join(f'{name} {_SQL[kind]}' for name, kind in COLUMNS.items())})")
    marks = ", ".join("?" for _ in COLUMNS)
    connection.executemany(f"INSERT INTO lake VALUES ({marks})", [list(row(said).values()) for said in facts])
    return connection


def engine_of(facts: Iterable[Said]) -> Engine:
    """The base tables of these facts."""
    return Engine.over_said(row(said) for said in facts)
