"""The statements of the base tables, alone or with all that they need."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from leadrelay.reports.base import BASE

_FACTS = ("once", "facts")

NEEDS: Mapping[str, tuple[str, ...]] = {
    "once": (),
    "facts": ("once",),
    "assignment_rows": _FACTS,
    "deal_rows": (*_FACTS, "assignment_rows"),
    "lead_rows": (*_FACTS, "assignment_rows", "deal_rows"),
    "clock_rows": (*_FACTS, "assignment_rows"),
    "activity_rows": (*_FACTS, "assignment_rows"),
    "touch_rows": _FACTS,
    "gap_rows": _FACTS,
}
"""Each table with those that its statement reads, in the order in which they can be made. `once` reads `lake`: the
rows as they were written."""


def statement(table: str) -> str:
    """The table's own statement, in DuckDB's dialect."""
    return files(__package__).joinpath(f"{table}.sql").read_text(encoding="utf-8")


def whole(table: str) -> str:
    """One statement that makes the table from nothing but `lake`."""
    parts = ",\n".join(f"{name} AS (\n{statement(name)})" for name in (*NEEDS[table], table))
    return f"WITH {parts}\nSELECT * FROM {table}"


def answer(table: str) -> str:
    """One statement that answers the table from nothing but `facts`: its columns in their order."""
    needed = [name for name in (*NEEDS[table], table) if name not in _FACTS]
    parts = ",\n".join(f"{name} AS (\n{statement(name)})" for name in needed)
    columns = ", ".join(f'"{name}"' for name in BASE[table])
    return f"WITH {parts}\nSELECT {columns} FROM {table}"
