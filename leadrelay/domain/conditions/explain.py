"""Why a condition held or not: every leaf with what its fields were, in words RevOps wrote themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.conditions.closures import Test
from leadrelay.domain.conditions.field_types import View
from leadrelay.domain.conditions.tree import Leaf, field_names


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a condition: its text on one line, whether it held, and its fields' values (None = missing).

    `holds` is the leaf's own answer: a leaf under `not` that holds speaks against the condition.
    """

    text: str
    holds: bool
    values: tuple[tuple[str, object], ...]


def parts_of(leaf_tests: Iterable[tuple[Leaf, Test]], view: View, now: datetime) -> tuple[Part, ...]:
    """Every leaf answered, also those that `and` and `or` would not have looked at."""
    return tuple(
        Part(leaf.text, test(view, now), tuple((name, view.get(name)) for name in field_names(leaf)))
        for leaf, test in leaf_tests
    )
