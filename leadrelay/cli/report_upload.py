"""`leadrelay report upload …`: what people bring beside the facts: spend, visitors that another tool counted, rates."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from leadrelay.cli.console import errors, refuse, say
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.ports.warehouse import InputName
from leadrelay.reports.inputs import read

FILE_BYTES = 5_000_000


class Brought(StrEnum):
    """What a file is about."""

    SPEND = "spend"
    VISITS = "visits"
    RATES = "rates"


def upload(
    what: Annotated[Brought, typer.Argument(help="What the file is about.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, as a spreadsheet saves it.")],
    stage: Stage = STAGE,
) -> None:
    """Bring in what was spent, how many visited, or what a currency is worth (docs/reports.md has a sample of each).

    The file is the whole table: it replaces the one before. When a line cannot be read, each is told with what to do
    about it, nothing is taken, and the exit code is 1. Pages count with it from the next refresh on.
    """
    if file.stat().st_size > FILE_BYTES:
        refuse(f"{file} has more than {FILE_BYTES:,} bytes; it takes one line per month and source, or per day")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        refuse(f'{file} is not UTF-8; save it as "CSV UTF-8"')
    name: InputName = what.value
    deployed = Deployed(stage)
    rows, faults = read(name, text, deployed.rules().current().sources.sources)
    for fault in faults:
        errors.print(f"{file}:{fault.line}: {fault.message}", style="red", markup=False, highlight=False)
    if faults:
        refuse("nothing was taken; mend the file and bring it again")
    deployed.inputs().write(name, text)
    say(f"{name}: {len(rows)} lines are in place; reports count with them from the next refresh on")
