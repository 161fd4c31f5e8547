"""Spend, visitors and rates as people save them, and every line that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.memory.rows import MemoryInputs
from leadrelay.ports.warehouse import InputName
from leadrelay.reports.definition import Inputs, Rate, Spend, Visits
from leadrelay.reports.inputs import NotReadable, brought, of_folder, read

SPEND = "month,source,campaign,form,amount,currency\n"


def test_a_sample_of_each() -> None:
    assert read("spend", SPEND + "2026-11,meta,autumn,,1250.50,EUR\n2026-11,google_ads,,,900,PLN\n") == (
        [
            Spend("2026-11", "meta", "autumn", None, 125050, "EUR"),
            Spend("2026-11", "google_ads", None, None, 90000, "PLN"),
        ],
        [],
    )
    assert read("visits", "day,source,visitors\n2026-11-02,website,310\n2026-11-02,,412\n") == (
        [Visits("2026-11-02", "website", 310), Visits("2026-11-02", None, 412)],
        [],
    )
    assert read("rates", "day,currency,into,value\n2026-11-02,EUR,PLN,4.268\n") == (
        [Rate("2026-11-02", "EUR", "PLN", 4.268)],
        [],
    )


@pytest.mark.parametrize("text", [
    "\ufeffmonth;source;amount;currency\r\n2026-11;meta;1250,50;EUR\r\n;;;\r\n",
    "Month\tSource\tAmount\tCurrency\n2026-11\tmeta\t1250.5\tEUR\n\n",
    'month,source,currency,amount\n2026-11,meta,EUR,"1 250,50"\n',
    "month,source,currency,amount\n2026-11 , meta ,EUR,1250.50\n",
])  # fmt: skip
def test_files_as_spreadsheets_save_them(text: str) -> None:
    assert read("spend", text) == ([Spend("2026-11", "meta", None, None, 125050, "EUR")], [])


def test_a_currency_has_its_own_smallest_unit_and_a_rate_may_have_a_comma() -> None:
    assert read("spend", SPEND + "2026-11,meta,,,900,JPY\n")[0] == [Spend("2026-11", "meta", None, None, 900, "JPY")]
    assert read("rates", 'day,currency,into,value\n2026-11-02,EUR,PLN,"4,268"\n')[0][0].value == 4.268  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("spend", "2026-13,meta,,,1,EUR", "month"),
        ("spend", "11/2026,meta,,,1,EUR", "2026-11"),
        ("spend", "2026-11,,,,1,EUR", "nothing in source"),
        ("spend", "2026-11,mta,,,1,EUR", "no source 'mta'"),
        ("spend", "2026-11,meta,,,x,EUR", "no number"),
        ("spend", "2026-11,meta,,,-1,EUR", "below 0"),
        ("spend", "2026-11,meta,,,NaN,EUR", "no number"),
        ("spend", "2026-11,meta,,,1.250,EUR", "two ways"),
        ("spend", '2026-11,meta,,,"1,250.50",EUR', "two ways"),
        ("spend", "2026-11,meta,,,1,eur", "currency"),
        ("spend", "2026-11,meta,a@b,,1,EUR", "campaign"),
        ("spend", "2026-11,meta,,,1,EUR,", "cells"),
        ("visits", "2026-02-30,meta,1", "day"),
        ("visits", "2026-02-03,meta,1.5", "whole"),
        ("rates", "2026-02-03,EUR,PLN,0", "rate of 0"),
        ("rates", "2026-02-03,EUR,złoty,4.2", "currency"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_to_do(name: InputName, line: str, told: str) -> None:
    header = {"spend": SPEND, "visits": "day,source,visitors\n", "rates": "day,currency,into,value\n"}[name]
    rows, [fault] = read(name, header + "\n" + line + "\n", {"meta", "website"})
    assert rows == []
    assert fault.line == 3
    assert told in fault.message


def test_what_is_told_twice_is_named_with_the_line_that_told_it_first() -> None:
    text = SPEND + "2026-11,meta,a,,1,EUR\n2026-11,meta,b,,1,EUR\n2026-11,meta,a,,2,EUR\n"
    rows, [fault] = read("spend", text)
    assert len(rows) == 2
    assert (fault.line, fault.message) == (4, "line 2 tells the same already; leave one of them")


@pytest.mark.parametrize(
    ("text", "told"), [("", "no column day"), ("day;value\n", "no column"), ("day,currency,into,value,by\n", "no such")]
)
def test_other_columns_are_named(text: str, told: str) -> None:
    rows, [fault] = read("rates", text)
    assert (rows, fault.line) == ([], 1)
    assert told in fault.message


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(("spend", "visits", "rates")))
def test_whatever_comes_is_read_or_named(text: str, name: InputName) -> None:
    header = {"spend": SPEND, "visits": "day,source,visitors\n", "rates": "day,currency,into,value\n"}[name]
    for tried in (text, header + text):
        rows, faults = read(name, tried)
        assert all(fault.line >= 1 and fault.message for fault in faults)
        assert len(rows) <= len(tried)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(("{:d}.{:02d}", "{:d},{:02d}")))
def test_no_amount_is_changed_by_reading_it(amount: int, form: str) -> None:
    text = f'month,source,currency,amount\n2026-11,meta,EUR,"{form.format(*divmod(amount, 100))}"\n'
    [row], faults = read("spend", text)
    assert (row.amount, faults) == (amount, [])  # type: ignore[union-attr]


def test_a_folder_and_a_bucket_bring_the_same(tmp_path: Path) -> None:
    inputs = MemoryInputs()
    assert brought(inputs) == of_folder(tmp_path) == Inputs()
    for name, text in (("spend", SPEND + "2026-11,meta,,,1,EUR\n"), ("rates", "day,currency,into,value\n")):
        inputs.write(name, text)  # type: ignore[arg-type]
        (tmp_path / f"{name}.csv").write_text(text)
    assert brought(inputs) == of_folder(tmp_path) == Inputs(spend=(Spend("2026-11", "meta", None, None, 100, "EUR"),))
    (tmp_path / "rates.csv").write_text("day,currency,into,value\n2026-11-02,EUR,PLN,x\n")
    with pytest.raises(NotReadable, match=r"rates\.csv:2:.*no number"):
        of_folder(tmp_path)


def test_the_samples_of_the_manual_can_be_read() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    samples = [part.split("```")[0] for part in manual.split("```csv\n")[1:]]
    names: tuple[InputName, ...] = ("spend", "visits", "rates")
    for name, sample in zip(names, samples, strict=True):
        rows, faults = read(name, sample)
        assert (len(rows), faults) == (len(sample.splitlines()) - 1, [])
