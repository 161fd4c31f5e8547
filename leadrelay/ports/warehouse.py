"""The facts of all time, asked in SQL; the rows that are made of them, ready to be read; and what people bring beside.

Asking takes seconds to minutes, so nobody waits for it: a schedule asks, and keeps each base table of
`leadrelay/reports/base` as one Parquet file. All tables of one run are shown at once, by one small record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from pydantic import ConfigDict

from leadrelay.domain.model import Instant, Model

InputName = Literal["spend", "visits", "rates"]
INPUTS: tuple[InputName, ...] = ("spend", "visits", "rates")


class About(Model):
    """The rows that are shown. `run` names their folder and `former` the one before, whose readers may still be there;
    `looked_at` is when the lake was last looked at: rows are as good as new until then. `shape` is a digest of the
    statements that made them: other statements make them anew. Of `facts` facts the newest is of `newest_ms`; `tables`
    are rows by table. Since the day `since` (UTC) the lake had `objects` objects then. What a newer program adds is
    ignored by an older one."""

    model_config = ConfigDict(extra="ignore")

    run: str
    former: str | None = None
    made_at: Instant
    looked_at: Instant
    shape: str
    facts: int
    newest_ms: int | None = None
    tables: dict[str, int]
    since: date
    objects: int


class Shown(NamedTuple):
    """`about`, and what identifies this very text of it, so that nobody replaces what they have not read."""

    about: About
    token: str


class Warehouse(Protocol):
    """Everything that was ever kept in the lake."""

    def objects(self, since: date) -> int:
        """How many objects came since this day (UTC). Raises Retry, Misconfigured."""
        ...

    def answers(self, facts: str, queries: Mapping[str, str], folder: Path) -> Mapping[str, Path]:
        """Ask all queries at the same time. They read a table `facts`, which is the answer of the statement `facts`;
        that one reads the table `lake`. By the queries' names a CSV file of each answer, in this folder: UTF-8, with a
        header; an empty cell without quotes is no value. Raises Retry (slow or away), Reject (a query is refused:
        `detail` says which and why), Misconfigured."""
        ...


class Rows(Protocol):
    """The rows that reports are counted from."""

    def shown(self) -> Shown | None:
        """What is shown now; None before the first run. Raises Retry, Misconfigured."""
        ...

    def put(self, run: str, table: str, parquet: Path) -> None:
        """Keep one table of a run; nobody sees it yet. Raises Retry, Misconfigured."""
        ...

    def show(self, about: About, over: str | None) -> None:
        """From now on this is shown, instead of what has the token `over` (None: nothing). Raises Conflict when
        something else is shown by now; Retry, Misconfigured."""
        ...

    def fetch(self, run: str, table: str, into: Path) -> None:
        """Bring one table to this file. Raises Reject("rows_gone") when the run was cleared away, Retry,
        Misconfigured."""
        ...

    def clear(self, keep: Collection[str]) -> None:
        """Remove the rows of all runs but these. Raises Retry, Misconfigured."""
        ...


class BroughtIn(Protocol):
    """What people bring beside the facts, as CSV text: spend, visits, rates."""

    def read(self, name: InputName) -> str | None:
        """None when nobody brought any. Raises Retry, Misconfigured."""
        ...

    def write(self, name: InputName, text: str) -> None:
        """Replace what was there; who reads meanwhile has the one or the other. Raises Retry, Misconfigured."""
        ...
