"""A report as CSV: what a spreadsheet reads is what was counted, and nothing that it would run."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.reports.asked import Asked
from leadrelay.reports.result import Column, Line, Number, Report, Table, Value
from leadrelay.reports.sheet import cell, sheet, table_of
from leadrelay.reports.wording import ReportText

_TEXT = ReportText(title="Channels", definition="…", columns={"source": "Source", "won": "Won"}, tables={"by": "By it"})


def _report(*lines: tuple[Value, ...]) -> Report:
    columns = (Column(id="source", kind="code"), Column(id="won", kind="money"), Column(id="share", kind="share"))
    table = Table(id="by", columns=columns, lines=tuple(Line(values=values) for values in lines))
    asked = Asked(since=date(2026, 11, 1), until=date(2026, 11, 30))
    return Report(
        name="channels", asked=asked, leads=3, numbers=(Number(id="n", kind="money", value=5),), tables=(table,)
    )


def test_one_table_has_labels_whole_units_and_no_value_where_there_is_none() -> None:
    text = sheet(_report(("meta", 123456, 0.5), ("google", None, None)), _TEXT, "by")
    assert text == "Source,Won (EUR),share\r\nmeta,1234.56,0.5\r\ngoogle,,\r\n"


def test_all_of_it_begins_with_what_was_asked_and_every_table_has_its_caption() -> None:
    lines = sheet(_report(("meta", 100, 1.0)), _TEXT).splitlines()
    assert lines[0] == "Channels,2026-11-01,2026-11-30,UTC"
    assert lines[1:3] == ["leads,3", "n (EUR),0.05,"]
    assert lines[4:] == ["By it", "Source,Won (EUR),share", "meta,1.0,1.0"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_a_spreadsheet_would_run_is_only_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("number", [-1, -0.5, 0, 7])
def test_a_number_stays_one(number: float) -> None:
    assert cell(number) == number


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=2, max_size=2), max_size=4))
def test_no_cell_begins_like_a_formula_and_none_is_lost(rows: list[list[Value]]) -> None:
    read = list(csv.reader(io.StringIO(table_of(("a", "b"), rows), newline="")))
    assert len(read) == len(rows) + 1
    for row, cells in zip(rows, read[1:], strict=True):
        for value, said in zip(row, cells, strict=True):
            assert said.removeprefix("'") == ("" if value is None else str(value)).removeprefix("'")
            assert isinstance(value, int) or not said.startswith(("=", "+", "-", "@", "\t", "\r"))
