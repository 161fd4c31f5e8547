"""Base tables made by hand, and a report's own rows of them."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

import leadrelay.reports
from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.base import BASE
from leadrelay.reports.definition import Around, Counted, Definition, Inputs
from leadrelay.reports.result import Table
from tests.system import default_rules

FOLDER = Path(leadrelay.reports.__file__).parent
TYPES = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
YEAR = Asked(since=date(2026, 1, 1), until=date(2026, 12, 31))
Rows = Sequence[Mapping[str, Any]]


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def definition(name: str) -> Definition[Any]:
    found: Definition[Any] = importlib.import_module(f"leadrelay.reports.{name}.report").REPORT
    return found


def rows_of(name: str, **tables: Rows) -> list[Any]:
    """What `rows.sql` selects from these base tables, which may say no more than what matters."""
    with duckdb.connect() as db:
        for table, columns in BASE.items():
            db.execute(f"create table {table} ({', '.join(f'{each} {TYPES[t]}' for each, t in columns.items())})")
            for row in tables.get(table, ()):
                unknown = set(row) - set(columns)
                assert not unknown, f"{table} has no {unknown}"
                places = ", ".join("?" * len(row))
                db.execute(f"insert into {table} ({', '.join(row)}) values ({places})", list(row.values()))
        sql = (FOLDER / name / "rows.sql").read_text()
        found = db.execute(sql)
        assert [column[0] for column in found.description or ()] == list(definition(name).row._fields)
        return [definition(name).row(*row) for row in found.fetchall()]


def rules(**policy: Any) -> Rules:
    """The default rules with these words in `reports.yaml`; a few leads are enough."""
    return default_rules().with_(reports=ReportsPolicy(**{"enough": 2, **policy}))


def around(before: Sequence[Any] = (), inputs: Inputs | None = None, **policy: Any) -> Around:
    return Around(rules=rules(**policy), now=MONDAY, inputs=inputs or Inputs(), before=before)


def counted(name: str, rows: Sequence[Any], asked: Asked = YEAR, given: Around | None = None) -> Counted:
    """What the report counts; each of it has words in every language."""
    found = definition(name).count(rows, asked, given or around())
    for language in ("en", "pl", "sr"):
        assert_worded(found, words(name)[language])
    return found


@cache
def words(name: str) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads((FOLDER / name / "texts.json").read_text())
    return found


def assert_worded(found: Counted, texts: Mapping[str, Mapping[str, str]]) -> None:
    assert texts["title"]
    assert texts["definition"]
    for part in ("numbers", "tables", "charts", "remarks"):
        said = {each.id for each in getattr(found, part)}
        assert said <= set(texts[part]), (part, said - set(texts[part]))
    columns = {column.id for one in found.tables for column in one.columns}
    assert columns <= set(texts["columns"]), columns - set(texts["columns"])
    for remark in found.remarks:
        assert set(re.findall(r"{(\w+)(?::\w+)?}", texts["remarks"][remark.id])) == set(remark.values), remark.id


def table(found: Counted, name: str) -> Table:
    return next(table for table in found.tables if table.id == name)


def lines(found: Counted, name: str) -> dict[Any, dict[str, Any]]:
    """A table's lines by their first value, each by the names of its columns."""
    one = table(found, name)
    names = [column.id for column in one.columns]
    return {line.values[0]: dict(zip(names, line.values, strict=True)) for line in one.lines}


def numbers(found: Counted) -> dict[str, Any]:
    return {number.id: number.value for number in found.numbers}


def remarks(found: Counted) -> dict[str, dict[str, Any]]:
    return {remark.id: remark.values for remark in found.remarks}


def assert_opens(found: Counted, rows: Sequence[Any]) -> None:
    """Whoever opens a line finds as many leads as it says."""
    for one in found.tables:
        for line in (*one.lines, *((one.total,) if one.total else ())):
            if line.opens is not None and one.counts is not None:
                said = dict(zip((column.id for column in one.columns), line.values, strict=True))[one.counts]
                leads = {row.lead_id for row in rows if all(holds(each, row) for each in line.opens)}
                assert len(leads - {None}) == said, (one.id, line)


def holds(condition: Condition, row: Any) -> bool:
    """What the runner's SQL means, said again."""
    value, wanted = getattr(row, condition.column), condition.value
    if condition.op in ("known", "missing"):
        return (value is None) == (condition.op == "missing")
    if value is None:
        return False
    return bool({"is": value == wanted, "ge": value >= wanted, "lt": value < wanted}[condition.op])
