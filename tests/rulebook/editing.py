"""Rules for tests: a copy of the project's own, with one place changed and the expected fault marked in it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from leadrelay.rulebook.compile import Compiled, compile_rules
from leadrelay.rulebook.problems import Problem, RulesInvalid

PROJECT = Path(__file__).parents[2]
RULES = PROJECT / "infra" / "rules"
TODAY = date(2026, 3, 1)
HERE = "‸"
"""Stands in a change just before the character that the fault must name."""


def copied(folder: Path) -> Path:
    """The project's rules in a folder of their own."""
    return Path(shutil.copytree(RULES, folder / "rules"))


def changed(rules: Path, file: str, old: str, new: str) -> tuple[int, int] | None:
    """Replace the only `old` of a file; the line and column of the mark in `new`, or None without one."""
    path = rules / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}.yaml"
    text = text.replace(old, new)
    index = text.find(HERE)
    path.write_text(text.replace(HERE, ""), "utf-8")
    if index < 0:
        return None
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def problems(rules: Path) -> tuple[Problem, ...]:
    """Everything that is wrong or odd with the rules of a folder."""
    try:
        return compiled(rules).warnings
    except RulesInvalid as invalid:
        return invalid.problems


def compiled(rules: Path) -> Compiled:
    """The rules of a folder, as of a fixed day."""
    return compile_rules(rules, TODAY)
