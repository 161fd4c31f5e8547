"""The rows of a decision table that RevOps keeps as a CSV beside routing.yaml, read when the rules are compiled.

They become what rows in YAML would have been, with the place of every cell, so that whatever is wrong with one of them
is said with the file, the line and the column where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.tables import Row, Table
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Document, Mark, Steps
from leadrelay.rulebook.shape import shaped
from leadrelay.rulebook.sheet import Sheet

MAX_ROWS = 1000
_LARGE = "split it by a condition into several tables"


@dataclass(frozen=True, slots=True)
class Filled:
    """The policy with the rows of its files; which document holds the rows at these steps; and every fault."""

    policy: RoutingPolicy
    documents: Mapping[Steps, Document]
    problems: tuple[Problem, ...]


def with_territories(folder: Path, policy: RoutingPolicy, written: Document) -> Filled:
    """The tables of a policy with their files read; `written` is routing.yaml."""
    documents: dict[Steps, Document] = {}
    problems: list[Problem] = []
    tables = dict(policy.tables)
    for name, table in policy.tables.items():
        found = None if table.file is None else _document(folder / table.file)
        if found is None:
            problems += _missing(name, table, written)
            continue
        model, faults = shaped(found, Table)
        problems += [*found.problems, *faults]
        documents["tables", name, "rows"] = found
        tables[name] = table.with_(rows=() if model is None else model.rows)
    return Filled(policy.with_(tables=tables), documents, tuple(problems))


def _missing(name: str, table: Table, written: Document) -> Iterator[Problem]:
    if table.file is not None:
        mark = written.value_at(("tables", name, "file"))
        yield written.problem(mark, f"{table.file} is not there; it lies beside routing.yaml")


def _document(path: Path) -> Document | None:
    """The rows as YAML would say them; None where there is no such file."""
    if not path.is_file():
        return None
    sheet = Sheet(path, MAX_ROWS, _LARGE)
    rows = sheet.rows()
    columns = _columns(next(rows, (1, []))[1], sheet)
    marks: dict[Steps, Mark] = {}
    data = []
    for number, (line, cells) in enumerate(rows):
        marks["rows", number] = Mark(line, 1, 0)
        marks |= {("rows", number, name): Mark(line, place, 0) for place, name in enumerate(columns, 1)}
        data.append(_row(columns, cells, line, sheet))
    return Document(str(path), "", {"rows": data}, marks, problems=tuple(sheet.problems))


def _columns(named: list[str], sheet: Sheet) -> list[str]:
    columns = [name.strip().lower() for name in named]
    for place, name in enumerate(columns, 1):
        if name not in Row.model_fields:
            known = ", ".join(Row.model_fields)
            sheet.refuse(1, place, f"unknown column '{name}'; there are: {known}", closest(name, Row.model_fields))
        elif name in columns[: place - 1]:
            sheet.refuse(1, place, f"the column '{name}' is here twice")
    return columns


def _row(columns: list[str], cells: list[str], line: int, sheet: Sheet) -> dict[str, str]:
    if len(cells) > len(columns):
        sheet.refuse(line, len(columns) + 1, "more cells than columns; put texts with a separator in quotes")
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name in Row.model_fields}
    return {name: cell for name, cell in said.items() if cell}
