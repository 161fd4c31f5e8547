"""The statements that a warehouse is asked, in its own words.

They are written in DuckDB's dialect, which the emulator's Athena speaks too. For Amazon Athena they are translated when
a deployment is built (`infra/build/athena.py`), so that no function carries a translator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, NamedTuple

from leadrelay.ports.errors import Misconfigured
from leadrelay.reports.base import BASE
from leadrelay.reports.base.statements import answer, whole

Dialect = Literal["duckdb", "athena"]
TRANSLATED = "athena.json"
"""Beside this file, in the package of a function that asks Athena."""

TOLD = "told"
_TOLD = "SELECT count(*) AS facts, max(at_ms) AS newest_ms FROM facts"


class Asking(NamedTuple):
    """`facts` reads the table `lake`; each of `queries` reads the table `facts`: by the names of the base tables, and
    TOLD, how many facts there are and the time of the newest."""

    facts: str
    queries: Mapping[str, str]

    @property
    def shape(self) -> str:
        """Equal for statements that make equal rows."""
        return hashlib.sha256(json.dumps([self.facts, dict(self.queries)]).encode()).hexdigest()[:16]


def written() -> Asking:
    """The statements as they were written, in DuckDB's dialect."""
    return Asking(whole("facts"), {**{table: answer(table) for table in BASE}, TOLD: _TOLD})


def asking(dialect: Dialect) -> Asking:
    """The statements in this dialect. Raises Misconfigured where the package was built without it."""
    if dialect == "duckdb":
        return written()
    found = files(__package__).joinpath(TRANSLATED)
    if not found.is_file():
        raise Misconfigured(f"the package has no {TRANSLATED}; `make deploy` writes it before it builds the functions")
    return Asking(**json.loads(found.read_text(encoding="utf-8")))
