"""The statements of the base tables mean the same in both engines."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot
from sqlglot import ErrorLevel, exp

from leadrelay.reports.base import BASE
from leadrelay.reports.base.statements import NEEDS, statement, whole
from tests.reports.lake import connection_of, frozen_facts

_PORTABLE = {
    "and", "or", "case", "if", "cast", "coalesce", "nullif", "least", "count", "sum", "min", "max", "argmax", "argmin",
    "rownumber", "firstvalue", "lead", "groupconcat", "concat", "dpipe", "pad", "split", "splitpart", "unnest",
}  # fmt: skip
"""What both engines compute alike; add a function only after looking it up in the manual of each."""


@pytest.fixture(scope="module")
def lake() -> Any:
    return connection_of(frozen_facts())


def _athena(table: str) -> str:
    (text,) = sqlglot.transpile(whole(table), read="duckdb", write="athena", unsupported_level=ErrorLevel.RAISE)
    return text


@pytest.mark.parametrize("table", NEEDS)
def test_only_functions_of_both_engines_are_used(table: str) -> None:
    tree = sqlglot.parse_one(statement(table), read="duckdb")
    used = {type(each).__name__.lower() for each in tree.find_all(exp.Func)}
    assert used <= _PORTABLE, used - _PORTABLE
    assert not list(tree.find_all(exp.Anonymous))
    assert not [star for star in tree.find_all(exp.Star) if any(star.args.values())]
    windows = list(tree.find_all(exp.Window))
    assert not [each for each in windows if isinstance(each.this, exp.Filter)]


@pytest.mark.parametrize("table", NEEDS)
def test_the_statement_for_the_other_engine_can_be_read_by_it(table: str) -> None:
    tree = sqlglot.parse_one(_athena(table), read="athena")
    assert list(tree.find_all(exp.CTE))


@pytest.mark.parametrize("table", BASE)
def test_translated_there_and_back_it_finds_the_same(table: str, lake: Any) -> None:
    (back,) = sqlglot.transpile(_athena(table), read="athena", write="duckdb")
    ours = lake.execute(f"SELECT * FROM ({whole(table)}) ORDER BY ALL").fetchall()
    assert ours == lake.execute(f"SELECT * FROM ({back}) ORDER BY ALL").fetchall()
    assert ours or table == "gap_rows"
