"""The year as reports see it and as it is known: an engine over its facts beside plain frames of its rows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine
from tests.reports.year.generate import write, year
from tests.reports.year.life import Ledger, Row


@dataclass
class Known:
    """`engine` has read the facts. What is in `ledger` was never told to it."""

    ledger: Ledger
    engine: Engine

    @classmethod
    def of(cls, leads: int, seed: int = 7) -> Known:
        """A year of so many leads."""
        ledger = year(leads, seed)
        with tempfile.TemporaryDirectory() as folder:
            return cls(ledger, Engine.over_facts(write(ledger.lines, Path(folder))))

    def frame(self, table: str) -> pd.DataFrame:
        """What is true, one column per column of the base table; times and amounts are Int64, so that one may be
        missing."""
        frame = pd.DataFrame(self.ledger.rows[table], columns=list(BASE[table]))
        whole = [column for column, kind in BASE[table].items() if kind == "int"]
        return frame.astype(dict.fromkeys(whole, "Int64"))

    @cached_property
    def leads(self) -> pd.DataFrame:
        """Everybody, with `counted`: who counts as a lead."""
        leads = self.frame("lead_rows")
        return leads.assign(counted=leads.standing.isin(["live", "shadow"]))

    @cached_property
    def clocks(self) -> pd.DataFrame:
        """Every clock."""
        return self.frame("clock_rows")

    @cached_property
    def hands(self) -> pd.DataFrame:
        """Every assignment."""
        return self.frame("assignment_rows")

    @cached_property
    def acts(self) -> pd.DataFrame:
        """Every attempt and meeting."""
        return self.frame("activity_rows")

    @cached_property
    def deals(self) -> pd.DataFrame:
        """Every deal."""
        return self.frame("deal_rows")

    @cached_property
    def touches(self) -> pd.DataFrame:
        """Every touch."""
        return self.frame("touch_rows")

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Every form and day of which a sender lists more than it delivered."""
        return self.frame("gap_rows")


def table_of(engine: Engine, table: str) -> list[Row]:
    """A base table as the engine made it."""
    columns = list(BASE[table])
    chosen = ", ".join(f'"{column}"' for column in columns)
    return [dict(zip(columns, found, strict=True)) for found in engine.select(f"SELECT {chosen} FROM {table}")]
