"""Checks of what the rules mean, after each file is well formed: one file per kind of question.

A check is a function from the draft to the faults it finds. A check that needs a file with faults of its own waits
until those are mended, so one run shows all that can be known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from leadrelay.rulebook.draft import Draft, NotReadable
from leadrelay.rulebook.lint import (
    accounts,
    conditions,
    enrichment,
    handing,
    identifiers,
    kinds,
    lines,
    people,
    points,
    promises,
    reach,
    readers,
    reporting,
    sources,
    spam,
    staffing,
    stages,
    tables,
    turns,
    vendors,
)
from leadrelay.rulebook.problems import Problem

Check = Callable[[Draft], Iterable[Problem]]

_MODULES = (
    identifiers,
    kinds,
    conditions,
    accounts,
    sources,
    spam,
    points,
    people,
    promises,
    lines,
    staffing,
    turns,
    reach,
    tables,
    stages,
    handing,
    vendors,
    readers,
    enrichment,
    reporting,
)

CHECKS: tuple[Check, ...] = tuple(check for module in _MODULES for check in module.CHECKS)


def lint(draft: Draft) -> Iterator[Problem]:
    """Every fault that the checks find."""
    for check in CHECKS:
        try:
            yield from check(draft)
        except NotReadable:
            continue
