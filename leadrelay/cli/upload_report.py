"""What became of each row: as a file to mend and bring again, and in a few lines for the terminal."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from connectors.csv.upload import Sheet
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.upload_columns import Column
from leadrelay.cli.upload_work import Outcome

_LINES = 8
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def report_of(file: Path) -> Path:
    """Where the report on a file is: beside it."""
    return file.with_name(f"{file.stem}.report.csv")


def write(report: Path, sheet: Sheet, outcomes: Sequence[Outcome]) -> None:
    """The whole report or none of it, readable by its owner only: it holds what the list holds. A spreadsheet opens it
    as UTF-8, and computes nothing of it."""
    number, name = tempfile.mkstemp(dir=report.parent, prefix=f".{report.stem}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=sheet.delimiter)
            writer.writerow(map(harmless, ("line", "outcome", "why", *sheet.columns)))
            for told in outcomes:
                writer.writerow(map(harmless, (str(told.row.line), told.verdict, told.why, *told.row.cells)))
        Path(name).replace(report)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe in front says that it is text."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def tally(outcomes: Sequence[Outcome]) -> str:
    """`12 rows: 9 accepted, 1 known already, 2 refused`."""
    found = Counter(outcome.verdict for outcome in outcomes)
    counts = f"{found['accepted']:,} accepted, {found['known']:,} known already, {found['refused']:,} refused"
    return f"{len(outcomes):,} {'row' if len(outcomes) == 1 else 'rows'}: {counts}"


def refusals(outcomes: Sequence[Outcome]) -> Table:
    """Why rows were refused, and in which lines of the file the first of them are."""
    lines: dict[str, list[int]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.verdict == "refused":
            lines[outcome.why].append(outcome.row.line)
    table = Table("refused because", "rows", "lines")
    for why, found in sorted(lines.items(), key=lambda one: -len(one[1])):
        more = ", …" if len(found) > _LINES else ""
        table.add_row(cell(why), f"{len(found):,}", ", ".join(map(str, found[:_LINES])) + more)
    return table


def understanding(columns: Sequence[Column]) -> Table:
    """What each column was taken for."""
    table = Table("column", "understood as")
    for column in columns:
        table.add_row(cell(column.header), column.field or "nothing we know; kept as it was said")
    return table
