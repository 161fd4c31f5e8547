"""The checked condition: a small typed tree, from which closures, explanations and lint facts are all made.

Named tuples, since they are made several times faster than data classes when a Lambda starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from leadrelay.domain.conditions.field_types import FieldType
from leadrelay.domain.conditions.functions import Function

Scalar: TypeAlias = str | int | Decimal | bool


class Field(NamedTuple):
    """A declared field."""

    name: str
    type: FieldType


class Literal(NamedTuple):
    """A text, number or True/False written in the condition. Numbers are int or Decimal, never float."""

    value: Scalar
    type: FieldType


class Items(NamedTuple):
    """A list written in the condition: literals of one type, at least one."""

    values: tuple[Scalar, ...]
    type: FieldType


class Call(NamedTuple):
    """A function applied to operands."""

    function: Function
    arguments: tuple[Operand, ...]

    @property
    def type(self) -> FieldType:
        """What the function returns."""
        return self.function.returns


Operand: TypeAlias = Field | Literal | Items | Call


class Pair(NamedTuple):
    """One comparison of two operands; `op` is the operator as written ("==", "not in")."""

    op: str
    left: Operand
    right: Operand


class Comparison(NamedTuple):
    """A leaf: one comparison, or a chain of them that must all hold (1 <= x < 5)."""

    text: str
    pairs: tuple[Pair, ...]


class Truth(NamedTuple):
    """A leaf: a flag field, a flag function or True/False, standing alone as a condition."""

    text: str
    operand: Operand


class AllOf(NamedTuple):
    """Parts joined by `and`."""

    parts: tuple[Node, ...]


class AnyOf(NamedTuple):
    """Parts joined by `or`."""

    parts: tuple[Node, ...]


class Not(NamedTuple):
    """A negated part."""

    part: Node


Leaf: TypeAlias = Comparison | Truth
Node: TypeAlias = Leaf | AllOf | AnyOf | Not


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf of a condition, in the order written."""
    if isinstance(node, Comparison | Truth):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        for part in node.parts:
            yield from leaves(part)


def operands(leaf: Leaf) -> tuple[Operand, ...]:
    """The operands of a leaf in the order written; those of a chain once each."""
    if isinstance(leaf, Truth):
        return (leaf.operand,)
    return (leaf.pairs[0].left, *(pair.right for pair in leaf.pairs))


def field_names(leaf: Leaf) -> tuple[str, ...]:
    """The fields a leaf reads, in the order written, without repeats."""
    names = (name for operand in operands(leaf) for name in _names(operand))
    return tuple(dict.fromkeys(names))


def _names(operand: Operand) -> Iterator[str]:
    if isinstance(operand, Field):
        yield operand.name
    elif isinstance(operand, Call):
        for argument in operand.arguments:
            yield from _names(argument)
