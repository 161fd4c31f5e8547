"""Tables as spreadsheets save them: bytes in, rows of clean text out. Whose they are is for others to decide.

A row that cannot be read is a row with a fault, never the end of the file: the rest of the list must not wait for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES
from connectors.kit.text import clean, clean_line
from connectors.kit.wild import LINE
from leadrelay.ports.errors import Reject

FILE_BYTES = 20_000_000
ROWS = 50_000
COLUMNS = MAX_ANSWERS
DELIMITERS = (",", ";", "\t", "|")

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GUESSES = ("cp1250", "cp1252")
_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: `line` is where it begins in the file (from 1), `fault` why it cannot be read."""

    line: int
    cells: tuple[str, ...] = field(repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `guessed` says that nothing in the file proves its encoding; `columns` are never empty."""

    encoding: str
    guessed: bool
    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(raw: bytes, encoding: str | None = None) -> Sheet:
    """The table in these bytes. Raises Reject with what is wrong with the whole file; rows have their own faults."""
    if len(raw) > FILE_BYTES:
        raise Reject("file_too_large", f"more than {FILE_BYTES:,} bytes; split it")
    text, name, guessed = _decoded(raw, encoding)
    said, body = _separator(text)
    delimiter = said or _delimiter(body)
    found = _rows(body, delimiter, first=2 if said else 1)
    header = next(found, None)
    if header is None or header.fault:
        raise Reject("no_header", "the first row must name the columns")
    if len(header.cells) > COLUMNS:
        raise Reject("too_many_columns", f"more than {COLUMNS}")
    columns = tuple(clean_line(cell, LINE) or f"column {number}" for number, cell in enumerate(header.cells, 1))
    return Sheet(name, guessed, delimiter, columns, _checked(found, len(columns)))


def _checked(found: Iterator[Row], width: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    for row in found:
        if len(rows) == ROWS:
            raise Reject("too_many_rows", f"more than {ROWS:,}; split it")
        rows.append(_fitting(row, width))
    return tuple(rows)


def _fitting(row: Row, width: int) -> Row:
    """Cells that are missing at the end are empty. Cells too many mean that all behind some place have moved."""
    if any(row.cells[width:]):
        return Row(row.line, row.cells[:width], f"more cells than the {width} columns")
    return Row(row.line, row.cells[:width], row.fault)


def _rows(text: str, delimiter: str, first: int) -> Iterator[Row]:
    """Every row with something in it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + first
        try:
            cells = tuple(clean(cell, VALUE_BYTES) for cell in next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Row(line, (), 'not readable from this line on: a " is missing, doubled or too many')
            continue
        if any(cells):
            yield Row(line, cells)


def _decoded(raw: bytes, encoding: str | None) -> tuple[str, str, bool]:
    """The text, its encoding, and whether that is a guess."""
    proven = encoding or next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    try:
        name = proven or "utf-8"
        return raw.decode(name), name, False
    except (LookupError, ValueError):
        if proven is not None:
            raise Reject("not_decodable", f"it is no text in {proven}") from None
    texts = {name: text for name in _GUESSES if (text := _tried(raw, name)) is not None}
    if not texts:
        raise Reject("not_decodable", f"it is no text in UTF-8, {' or '.join(_GUESSES)}; name it with --encoding")
    best = min(texts, key=lambda name: _strangeness(texts[name]))
    return texts[best], best, True


def _tried(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _strangeness(text: str) -> int:
    """Names are made of letters: the wrong code page puts signs (³, ¿, ¹) where letters were."""
    return sum(not char.isascii() and not char.isalpha() for char in text)


def _separator(text: str) -> tuple[str | None, str]:
    """The separator that a first line `sep=;` names, as some spreadsheets write it, and the rest."""
    line, end, rest = text.partition("\n")
    named = line.rstrip("\r").casefold()
    if end and named.startswith("sep=") and named[4:] in DELIMITERS:
        return named[4:], rest
    return None, text


def _delimiter(text: str) -> str:
    """As the beginning of the file shows; in doubt what separates most in the row of the columns."""
    header = next((line for line in text[:_SAMPLE].splitlines() if line.strip()), "")
    try:
        sniffed = csv.Sniffer().sniff(text[:_SAMPLE], "".join(DELIMITERS)).delimiter
    except csv.Error:
        sniffed = ""
    if sniffed in DELIMITERS and sniffed in header:
        return sniffed
    return max(DELIMITERS, key=header.count)
