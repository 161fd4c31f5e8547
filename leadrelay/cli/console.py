"""What people read: answers on standard output, faults on standard error, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from leadrelay.rulebook.problems import Problem

errors = Console(stderr=True, soft_wrap=True)

RulesFolder = Annotated[Path, typer.Option("--rules", help="The folder of the rules.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
RULES = Path("infra/rules")


def say(what: Any) -> None:
    """Print an answer; tables keep their width when the output is no terminal."""
    out = Console(soft_wrap=isinstance(what, str), highlight=False)
    if not out.is_terminal:
        out.width = 120
    out.print(what)


def say_json(value: object) -> None:
    """Print JSON, exactly."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def problems(found: Iterable[Problem]) -> None:
    """One line each, `file:line:column: …`, as editors and CI read them."""
    for problem in found:
        errors.print(str(problem), style="yellow" if problem.severity == "warning" else "red", markup=False)


def refuse(message: str) -> NoReturn:
    """The work is refused: exit code 1."""
    errors.print(message, style="red", markup=False)
    raise typer.Exit(1)


def misused(message: str, parameter: str) -> NoReturn:
    """The command was not understood: exit code 2."""
    raise typer.BadParameter(message, param_hint=f"'{parameter}'")


def instant(text: str, parameter: str) -> datetime:
    """An aware time from ISO text: a time without a zone could mean any of thirty-eight instants."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        misused(f"'{text}' is no ISO time, such as 2026-03-02T09:00:00+01:00", parameter)
    if at.tzinfo is None:
        misused(f"'{text}' has no zone; write 2026-03-02T09:00:00Z or …+01:00", parameter)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        misused(f"'{text}' is beyond the years that can be counted", parameter)


def now() -> datetime:
    """The wall clock (UTC)."""
    return datetime.now(UTC)
