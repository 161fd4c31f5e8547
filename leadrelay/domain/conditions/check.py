"""Syntax tree to checked tree: only allowed nodes, only declared fields, only types that fit."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from leadrelay.domain.conditions import literals
from leadrelay.domain.conditions.errors import ConditionError
from leadrelay.domain.conditions.field_types import FieldType, Schema
from leadrelay.domain.conditions.functions import FUNCTIONS, Function
from leadrelay.domain.conditions.operators import SYMBOLS, misfit
from leadrelay.domain.conditions.source import MAX_DEPTH, Source, one_line
from leadrelay.domain.conditions.tree import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Field,
    Items,
    Leaf,
    Node,
    Not,
    Operand,
    Pair,
    Truth,
)

_REFUSED: dict[type[ast.AST], str] = {
    ast.BinOp: "arithmetic is not part of a condition",
    ast.UnaryOp: "arithmetic is not part of a condition",
    ast.IfExp: "'if … else' is not part of a condition; write two rules",
    ast.Subscript: "[…] after a name is not part of a condition; look into a list with 'in' or count()",
    ast.JoinedStr: "a text with {…} parts is not part of a condition",
    ast.Set: "a list is written with [ ]",
    ast.Dict: "a list is written with [ ]",
}
_BITWISE: dict[type, tuple[str, str]] = {
    ast.BitAnd: ("&", "and"),
    ast.BitOr: ("|", "or"),
    ast.Invert: ("~", "not"),
}


@dataclass(frozen=True, slots=True)
class Checker:
    """Reads one condition against a schema. Every method raises ConditionError at the place that is wrong."""

    source: Source
    schema: Schema

    def condition(self, node: ast.expr, depth: int = 0) -> Node:
        """A node that must be true or false."""
        self._not_too_deep(node, depth)
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.condition(part, depth + 1) for part in node.values)
            return AllOf(parts) if isinstance(node.op, ast.And) else AnyOf(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.condition(node.operand, depth + 1))
        return self._leaf(node, depth)

    def _leaf(self, node: ast.expr, depth: int) -> Leaf:
        text = one_line(self.source.segment(node))
        if isinstance(node, ast.Compare):
            return Comparison(text, self._pairs(node, depth))
        operand = self._operand(node, depth)
        if operand.type != FieldType.FLAG:
            raise self.source.error(f"this is {operand.type.phrase}, not a condition; compare it with something", node)
        return Truth(text, operand)

    def _pairs(self, node: ast.Compare, depth: int) -> tuple[Pair, ...]:
        nodes = (node.left, *node.comparators)
        values = [self._operand(operand, depth + 1) for operand in nodes]
        return tuple(
            self._pair(op, (nodes[i], values[i]), (nodes[i + 1], values[i + 1])) for i, op in enumerate(node.ops)
        )

    def _pair(self, op: ast.cmpop, left: tuple[ast.expr, Operand], right: tuple[ast.expr, Operand]) -> Pair:
        (left_node, left_value), (right_node, right_value) = left, right
        begin, end = self.source.span(left_node)[0], self.source.span(right_node)[1]
        symbol = SYMBOLS.get(type(op))
        if symbol is None:
            wanted = "==" if isinstance(op, ast.Is) else "!="
            raise self.source.error_at("'is' is not used in conditions", begin, end, wanted)
        problem = misfit(symbol, FieldType(left_value.type), FieldType(right_value.type))
        if problem is not None:
            raise self.source.error_at(problem, begin, end)
        return Pair(symbol, left_value, right_value)

    def _operand(self, node: ast.expr, depth: int) -> Operand:
        self._not_too_deep(node, depth)
        match node:
            case ast.Name() | ast.Attribute():
                return self._field(node)
            case ast.Constant():
                return literals.literal(self.source, node)
            case ast.UnaryOp(op=ast.USub()):
                return literals.negative(self.source, node)
            case ast.List() | ast.Tuple():
                return literals.items(self.source, node)
            case ast.Call():
                return self._call(node, depth)
        raise self._refusal(node)

    def _field(self, node: ast.Name | ast.Attribute) -> Field:
        name = self._dotted(node)
        if name in self.schema:
            return Field(name, FieldType(self.schema[name]))
        raise self.source.error(f"unknown field '{name}'", node, self._similar_field(name))

    def _dotted(self, node: ast.expr) -> str:
        parts: list[str] = []
        current = node
        while isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        if not isinstance(current, ast.Name):
            raise self.source.error("only a declared field has a name with dots", node)
        return ".".join([current.id, *reversed(parts)])

    def _similar_field(self, name: str) -> str | None:
        ending = name.rpartition(".")[2]
        same_ending = sorted(field for field in self.schema if field.rpartition(".")[2] == ending)
        return _closest(name, [*self.schema, "True", "False"]) or next(iter(same_ending), None)

    def _call(self, node: ast.Call, depth: int) -> Call:
        function = self._function(node)
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.source.error(f"arguments are only listed: {function.usage}", node)
        arguments = tuple(self._operand(argument, depth + 1) for argument in node.args)
        types = tuple(FieldType(argument.type) for argument in arguments)
        if types not in function.signatures:
            got = ", ".join(types) or "nothing"
            raise self.source.error(f"{function.name} is used as {function.usage}, not with ({got})", node)
        if not function.takes_list and any(isinstance(argument, Items) for argument in arguments):
            raise self.source.error("a written list can only stand to the right of 'in', or in mentions()", node)
        if function.asks_presence and not isinstance(arguments[0], Field):
            raise self.source.error(f"{function.name} asks about a field: {function.usage}", node)
        return Call(function, arguments)

    def _function(self, node: ast.Call) -> Function:
        name = one_line(self.source.segment(node.func))
        if isinstance(node.func, ast.Name) and name in FUNCTIONS:
            return FUNCTIONS[name]
        close = _closest(name, FUNCTIONS)
        known = "" if close else f"; there are {', '.join(FUNCTIONS)}"
        raise self.source.error(f"unknown function '{name}'{known}", node.func, close)

    def _refusal(self, node: ast.expr) -> ConditionError:
        operator = getattr(node, "op", None)
        if isinstance(operator, tuple(_BITWISE)):
            token, word = _BITWISE[type(operator)]
            return self.source.error(f"'{token}' is not used in conditions", node, word)
        if isinstance(node, ast.Compare | ast.BoolOp) or isinstance(operator, ast.Not):
            return self.source.error("a condition cannot be compared; join conditions with 'and', 'or', 'not'", node)
        message = _REFUSED.get(type(node), "this is not part of a condition")
        return self.source.error(message, node)

    def _not_too_deep(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.source.error(f"this is nested deeper than {MAX_DEPTH}", node)


def _closest(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # only a wrong rule pays for this import

    return next(iter(get_close_matches(name, known, 1)), None)
