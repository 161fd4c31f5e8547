"""The rows that reports are counted from, and what people bring in, in memory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.warehouse import About, InputName, Shown


class MemoryRows:
    """Implements `ports.warehouse.Rows`."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, bytes]] = {}
        self._shown: About | None = None
        self._shows = 0

    def shown(self) -> Shown | None:
        """See the port."""
        return None if self._shown is None else Shown(self._shown, str(self._shows))

    def put(self, run: str, table: str, parquet: Path) -> None:
        """See the port."""
        self.runs.setdefault(run, {})[table] = parquet.read_bytes()

    def show(self, about: About, over: str | None) -> None:
        """See the port."""
        shown = self.shown()
        if over != (shown and shown.token):
            raise Conflict("about")
        self._shown, self._shows = about, self._shows + 1

    def fetch(self, run: str, table: str, into: Path) -> None:
        """See the port."""
        found = self.runs.get(run, {}).get(table)
        if found is None:
            raise Reject("rows_gone", f"the rows of run {run} were cleared away; read what is shown now")
        into.write_bytes(found)

    def clear(self, keep: Collection[str]) -> None:
        """See the port."""
        self.runs = {run: tables for run, tables in self.runs.items() if run in keep}


class MemoryInputs:
    """Implements `ports.warehouse.BroughtIn`."""

    def __init__(self) -> None:
        self.texts: dict[InputName, str] = {}

    def read(self, name: InputName) -> str | None:
        """See the port."""
        return self.texts.get(name)

    def write(self, name: InputName, text: str) -> None:
        """See the port."""
        self.texts[name] = text
