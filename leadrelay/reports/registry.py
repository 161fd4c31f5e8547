"""The reports there are: each folder here with a `report.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from leadrelay.reports.definition import Definition


@dataclass(frozen=True, slots=True)
class Entry:
    """One report: its name, how it counts, and its statement. Its words are `wording.report_text`."""

    name: str
    definition: Definition[Any]
    sql: str


@cache
def names() -> tuple[str, ...]:
    """Every report, by name."""
    folders = (each for each in files(__package__).iterdir() if each.is_dir())
    return tuple(sorted(each.name for each in folders if each.joinpath("report.py").is_file()))


@cache
def report(name: str) -> Entry:
    """The report of this name. Raises KeyError for an unknown one."""
    if name not in names():
        raise KeyError(name)
    folder = files(__package__).joinpath(name)
    definition: Definition[Any] = import_module(f"{__package__}.{name}.report").REPORT
    return Entry(name, definition, folder.joinpath("rows.sql").read_text(encoding="utf-8"))
