"""The base tables: what facts become, whatever their order and however often they are told."""

from __future__ import annotations

from leadrelay.reports.base import BASE
from tests.reports.lake import engine_of, frozen_facts

_TYPES = {"VARCHAR": "text", "BIGINT": "int", "DOUBLE": "float", "BOOLEAN": "bool"}


def test_every_base_table_has_its_columns_in_order_and_of_their_types() -> None:
    engine = engine_of(frozen_facts())
    for table, columns in BASE.items():
        found = {row[0]: _TYPES[row[1]] for row in engine.select(f"DESCRIBE {table}")}
        assert list(found.items()) == list(columns.items()), table
