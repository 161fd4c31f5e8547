"""Which operator fits which types, and what it does. A table, so that the checker and the closures cannot disagree."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from leadrelay.domain.conditions.field_types import FieldType

SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}

RUN: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, items: value in items,
    "not in": lambda value, items: value not in items,
}

_ORDERED = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.TIME})
_LISTS = frozenset({FieldType.TEXTS, FieldType.NUMBERS})
_HOLDS = {
    FieldType.TEXT: FieldType.TEXT,
    FieldType.TEXTS: FieldType.TEXT,
    FieldType.NUMBERS: FieldType.NUMBER,
}
"""What can be looked for in what: a text in a text (as a part of it) or in a list, a number in a list."""


def misfit(op: str, left: FieldType, right: FieldType) -> str | None:
    """Why these types cannot stand on the two sides of an operator, or None when they can."""
    if op in ("in", "not in"):
        return _membership_misfit(op, left, right)
    if left in _LISTS or right in _LISTS:
        return "a list is looked into with 'in' or count(), it is not compared"
    if left != right:
        return f"cannot compare {left.phrase} with {right.phrase}"
    if op not in ("==", "!=") and left not in _ORDERED:
        return f"'{op}' orders numbers, texts or times, not flags"
    return None


def _membership_misfit(op: str, left: FieldType, right: FieldType) -> str | None:
    if right not in _HOLDS:
        return f"'{op}' needs a list or a text on its right, not {right.phrase}"
    if _HOLDS[right] != left:
        return f"cannot look for {left.phrase} in {right.phrase}"
    return None
