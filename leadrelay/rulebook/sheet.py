"""A CSV file as a spreadsheet saves it: with commas, semicolons or tabs, and perhaps with a mark at its beginning.

What cannot be read is refused with its line, so that no row is dropped in silence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from leadrelay.rulebook.problems import Problem

MAX_BYTES = 1024 * 1024
_SEPARATORS = ",;\t"


class Sheet:
    """One file. Goes on after a fault, so that one reading finds them all: they are in `problems`. `instead` says
    where more than `most` rows belong."""

    def __init__(self, path: Path, most: int, instead: str) -> None:
        self._path, self._most, self._instead = path, most, instead
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The line of each row, and its cells; the first names the columns. Empty rows are passed over."""
        text = self._text()
        if text is None:
            return
        reader = csv.reader(StringIO(text, newline=""), delimiter=_separator(text))
        try:
            yield 1, next(reader, [])
            for number, cells in enumerate((row for row in reader if any(map(str.strip, row))), 1):
                if number > self._most:
                    self.refuse(reader.line_num, 1, f"more than {self._most:,} rows; {self._instead}")
                    return
                yield reader.line_num, cells
        except csv.Error as error:
            self.refuse(reader.line_num, 1, f"this is not CSV: {error}")

    def refuse(self, line: int, column: int, message: str, suggestion: str | None = None) -> None:
        """A fault in a cell: its line, and the number of its column."""
        self.problems.append(Problem(str(self._path), line, column, message, suggestion))

    def _text(self) -> str | None:
        raw = self._path.read_bytes()
        if len(raw) > MAX_BYTES:
            self.refuse(1, 1, f"larger than {MAX_BYTES // 1024} KiB; {self._instead}")
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.refuse(line, 1, 'not UTF-8; save it as "CSV UTF-8"')
            return None


def _separator(text: str) -> str:
    """Whichever stands most often in the first row."""
    return max(_SEPARATORS, key=text.partition("\n")[0].count)
