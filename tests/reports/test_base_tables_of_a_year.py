"""Base tables against lives that are known: each row of each table, whatever came twice, late or in another order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine
from tests.reports.year.generate import write, year
from tests.reports.year.known import Known, table_of
from tests.reports.year.life import Row

KEYS: Mapping[str, tuple[str, ...]] = {
    "lead_rows": ("lead_id",),
    "clock_rows": ("lead_id", "kind", "hop", "started_ms"),
    "assignment_rows": ("lead_id", "hop"),
    "activity_rows": ("lead_id", "at_ms", "kind", "channel"),
    "deal_rows": ("lead_id", "deal_id"),
    "touch_rows": ("touch_id",),
    "gap_rows": ("source", "form", "day"),
}
_JSON = ("fields", "qualifications")
_ORDER = "rank"
"""The order of assignments, whatever its numbers are."""


def by_key(rows: list[Row], table: str) -> dict[tuple[str, ...], Row]:
    found = {tuple(str(row[column]) for column in KEYS[table]): plain(row) for row in rows}
    assert len(found) == len(rows)
    return found


def plain(row: Row) -> Row:
    read = {name: json.loads(row[name]) if isinstance(row[name], str) else row[name] for name in _JSON if name in row}
    return {**{name: value for name, value in row.items() if name != _ORDER}, **{n: v or {} for n, v in read.items()}}


@pytest.mark.parametrize("table", BASE)
def test_a_base_table_is_what_was_lived(table: str, known: Known) -> None:
    told, true = by_key(table_of(known.engine, table), table), by_key(known.ledger.rows[table], table)
    assert told.keys() == true.keys()
    assert [row for key, row in told.items() if row != true[key]][:3] == []


def test_repeats_and_another_order_change_nothing(tmp_path: Path) -> None:
    lived, dice = year(400, seed=5), Random(1)
    lines = [*lived.lines, *dice.sample(lived.lines, len(lived.lines) // 2)]
    once = Engine.over_facts(write(lived.lines, tmp_path / "once"))
    dice.shuffle(lines)
    again = Engine.over_facts(write(lines, tmp_path / "again"))
    for table in BASE:
        assert sorted(map(str, table_of(again, table))) == sorted(map(str, table_of(once, table))), table
