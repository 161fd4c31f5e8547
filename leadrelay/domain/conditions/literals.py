"""Texts, numbers and lists written in a condition. Numbers are exact: 0.1 is the decimal 0.1, as it is in money."""

from __future__ import annotations

import ast
import re
from decimal import Decimal

from leadrelay.domain.conditions.field_types import FieldType
from leadrelay.domain.conditions.source import Source
from leadrelay.domain.conditions.tree import Items, Literal

MAX_ITEMS = 500
MAX_NUMBER = 10**18

_ONE_TEXT = re.compile(r"""[rRuU]?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_LIST_OF = {FieldType.TEXT: FieldType.TEXTS, FieldType.NUMBER: FieldType.NUMBERS}


def literal(source: Source, node: ast.Constant) -> Literal:
    """The literal at a node. Raises ConditionError for None, bytes, `...`, imaginary, too large numbers."""
    value = node.value
    if isinstance(value, bool):
        return Literal(value, FieldType.FLAG)
    if isinstance(value, str):
        return Literal(_text(source, node, value), FieldType.TEXT)
    if isinstance(value, int | float):
        return Literal(_number(source, node, value), FieldType.NUMBER)
    if value is None:
        raise source.error("'None' is not a value here; ask with known(field) or missing(field)", node)
    raise source.error("only texts, numbers, True and False can be written in a condition", node)


def negative(source: Source, node: ast.UnaryOp) -> Literal:
    """A number with a minus sign."""
    operand = node.operand
    if isinstance(operand, ast.Constant):
        number = literal(source, operand)
        if number.type is FieldType.NUMBER and not isinstance(number.value, str):
            return Literal(-number.value, FieldType.NUMBER)
    raise source.error("arithmetic is not part of a condition; '-' only makes a written number negative", node)


def items(source: Source, node: ast.List | ast.Tuple) -> Items:
    """A list literal: 1 to 500 texts, or 1 to 500 numbers."""
    if not node.elts:
        raise source.error("an empty list matches nothing", node)
    if len(node.elts) > MAX_ITEMS:
        raise source.error(f"a list may hold at most {MAX_ITEMS} values, this one has {len(node.elts)}", node)
    written = [_item(source, element) for element in node.elts]
    first = written[0].type
    for element, value in zip(node.elts, written, strict=True):
        if value.type is not first:
            raise source.error(f"this list mixes {first.phrase} with {value.type.phrase}", element)
    if first not in _LIST_OF:
        raise source.error("a list holds texts or numbers", node)
    return Items(tuple(value.value for value in written), _LIST_OF[first])


def _item(source: Source, node: ast.expr) -> Literal:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return negative(source, node)
    if isinstance(node, ast.Constant):
        return literal(source, node)
    raise source.error("a list holds only written texts or numbers", node)


def _text(source: Source, node: ast.Constant, value: str) -> str:
    if not _ONE_TEXT.fullmatch(source.segment(node)):
        raise source.error("two texts side by side would become one; is a comma missing?", node)
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in value):
        raise source.error("this text holds a character that no field can hold", node)
    return value


def _number(source: Source, node: ast.Constant, value: float) -> int | Decimal:
    if abs(value) > MAX_NUMBER:
        raise source.error("this number is too large; the largest is 10 to the power of 18", node)
    return value if isinstance(value, int) else Decimal(source.segment(node))
