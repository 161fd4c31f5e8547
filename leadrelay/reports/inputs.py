"""What people bring beside the facts: spend, visitors that another tool counted, and rates, as CSV files.

Read as spreadsheets save them: cells between commas, semicolons or tabs, amounts as "1 250,50" or "1250.50". Each line
that cannot be read is told with what to do about it; nothing of a file with such lines is taken.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple, TypeVar

from connectors.kit.money import minor_units
from leadrelay.domain.model import code
from leadrelay.ports.warehouse import INPUTS, BroughtIn, InputName
from leadrelay.reports.definition import Inputs, Rate, Spend, Visits

Row = Spend | Visits | Rate
Cells = Mapping[str, str]

_SPACES = re.compile(r"[\s\u00a0\u202f']")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Fault(NamedTuple):
    """What is wrong with a line (the first line of the file is 1), and what to do about it."""

    line: int
    message: str


class NotReadable(Exception):
    """A file of a folder cannot be read; the message says where and what to do."""


class _Unreadable(Exception):
    """Why a cell, or a line, means nothing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns, those that may be empty or missing, how a line is read, and by which of a row's
    fields it may be told only once."""

    columns: tuple[str, ...]
    optional: frozenset[str]
    read: Callable[[Cells], Row]
    once: tuple[str, ...]


def _spend(cells: Cells) -> Spend:
    currency = _matching(cells, "currency", _CURRENCY, "a currency, such as EUR")
    amount = minor_units(str(_number(cells, "amount")), currency)
    if amount is None:
        raise _Unreadable(f"'{cells['amount']}' is no amount of {currency}")
    return Spend(
        month=_matching(cells, "month", _MONTH, "a month, such as 2026-11"),
        source=_code(cells, "source") or "",
        campaign=_code(cells, "campaign"),
        form=_code(cells, "form"),
        amount=amount,
        currency=currency,
    )


def _visits(cells: Cells) -> Visits:
    visitors = _number(cells, "visitors")
    if visitors != visitors.to_integral_value():
        raise _Unreadable(f"'{cells['visitors']}' is no whole number in visitors")
    return Visits(day=_day(cells), source=_code(cells, "source"), visitors=int(visitors))


def _rate(cells: Cells) -> Rate:
    value = _number(cells, "value", thousands=False)
    if not value:
        raise _Unreadable("a rate of 0 turns every amount into nothing; say what one unit is worth")
    currency, into = (_matching(cells, name, _CURRENCY, "a currency, such as EUR") for name in ("currency", "into"))
    return Rate(day=_day(cells), currency=currency, into=into, value=float(value))


KINDS: Mapping[InputName, Kind] = {
    "spend": Kind(
        ("month", "source", "campaign", "form", "amount", "currency"),
        frozenset({"campaign", "form"}),
        _spend,
        ("month", "source", "campaign", "form", "currency"),
    ),
    "visits": Kind(("day", "source", "visitors"), frozenset({"source"}), _visits, ("day", "source")),
    "rates": Kind(("day", "currency", "into", "value"), frozenset(), _rate, ("day", "currency", "into")),
}


def read(name: InputName, text: str, sources: Collection[str] | None = None) -> tuple[list[Row], list[Fault]]:
    """The rows of a file of this kind, and what is wrong with it. `sources` are those that there are; None: any."""
    kind, lines = KINDS[name], text.removeprefix("\ufeff").splitlines()
    parsed = csv.reader(lines, delimiter=_delimiter(lines[0] if lines else ""))
    header = [cell.strip().lower() for cell in next(parsed, [])]
    if wrong := _wrong_header(header, kind):
        return [], [Fault(1, wrong)]
    rows: dict[tuple[object, ...], tuple[int, Row]] = {}
    faults: list[Fault] = []
    for cells in parsed:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            row = _read(header, cells, kind, sources)
            key = tuple(getattr(row, field) for field in kind.once)
            if key in rows:
                raise _Unreadable(f"line {rows[key][0]} tells the same already; leave one of them")
            rows[key] = (parsed.line_num, row)
        except _Unreadable as problem:
            faults.append(Fault(parsed.line_num, str(problem)))
    return [row for _, row in rows.values()], faults


def brought(inputs: BroughtIn) -> Inputs:
    """What was brought in last. Raises Retry, Misconfigured."""
    return _inputs({name: inputs.read(name) for name in INPUTS})


def of_folder(folder: Path) -> Inputs:
    """The same from `spend.csv`, `visits.csv` and `rates.csv` of a folder; each may be missing. Raises NotReadable."""
    texts: dict[InputName, str | None] = {}
    for name in INPUTS:
        file = folder / f"{name}.csv"
        texts[name] = file.read_text(encoding="utf-8") if file.exists() else None
        for fault in read(name, texts[name] or "")[1] if texts[name] else ():
            raise NotReadable(f"{file}:{fault.line}: {fault.message}")
    return _inputs(texts)


def _inputs(texts: Mapping[InputName, str | None]) -> Inputs:
    """Lines were judged when they came in."""
    found = {name: read(name, text)[0] if text else [] for name, text in texts.items()}
    return Inputs(
        spend=_only(Spend, found["spend"]), visits=_only(Visits, found["visits"]), rates=_only(Rate, found["rates"])
    )


R = TypeVar("R", Spend, Visits, Rate)


def _only(kind: type[R], rows: Iterable[Row]) -> tuple[R, ...]:
    return tuple(row for row in rows if isinstance(row, kind))


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _wrong_header(header: list[str], kind: Kind) -> str | None:
    missing = [name for name in kind.columns if name not in header and name not in kind.optional]
    strange = [name for name in header if name not in kind.columns]
    told = f"the first line names the columns: {', '.join(kind.columns)}"
    if missing:
        return f"no column {', '.join(missing)}; {told}"
    return f"no such column: {', '.join(strange)}; {told}" if strange else None


def _read(header: list[str], cells: list[str], kind: Kind, sources: Collection[str] | None) -> Row:
    if len(cells) > len(header):
        raise _Unreadable(f"{len(cells)} cells, {len(header)} columns; put quotes around a cell with a comma in it")
    found = dict.fromkeys(kind.columns, "") | {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    empty = [name for name in kind.columns if not found[name] and name not in kind.optional]
    if empty:
        raise _Unreadable(f"nothing in {', '.join(empty)}")
    source = found.get("source")
    if source and sources is not None and source not in sources:
        raise _Unreadable(f"no source '{source}' in sources.yaml; it has {', '.join(sorted(sources))}")
    return kind.read(found)


def _number(cells: Cells, name: str, *, thousands: bool = True) -> Decimal:
    """With `thousands`, three digits after a mark could be either."""
    text = _SPACES.sub("", cells[name])
    if text.count(",") + text.count(".") > 1 or (thousands and re.fullmatch(r"\d{1,3}[.,]\d{3}", text)):
        raise _Unreadable(
            f"'{cells[name]}' in {name} may be read in two ways; write 1250.50, with nothing for thousands"
        )
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise _Unreadable(f"'{cells[name]}' in {name} is no number") from None
    if not value.is_finite() or value < 0:
        raise _Unreadable(f"'{cells[name]}' in {name} is below 0 or no number")
    return value


def _matching(cells: Cells, name: str, pattern: re.Pattern[str], wanted: str) -> str:
    if not pattern.fullmatch(cells[name]):
        raise _Unreadable(f"'{cells[name]}' in {name} is not {wanted}")
    return cells[name]


def _day(cells: Cells) -> str:
    try:
        return date.fromisoformat(cells["day"]).isoformat()
    except ValueError:
        raise _Unreadable(f"'{cells['day']}' in day is no day, such as 2026-11-02") from None


def _code(cells: Cells, name: str) -> str | None:
    """As campaigns and forms are named in facts."""
    found = code(cells[name])
    if cells[name] and found is None:
        raise _Unreadable(f"'{cells[name]}' in {name} cannot be a name: facts have none with an @")
    return found
