"""Checked tree to closures: no eval, no exec, nothing interpreted while a lead waits.

The missing rule lives here once: a comparison with a missing side is false, whatever its operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from math import isnan
from typing import Any, TypeAlias

from leadrelay.domain.conditions.field_types import FieldType, View
from leadrelay.domain.conditions.operators import RUN
from leadrelay.domain.conditions.tree import (
    AllOf,
    AnyOf,
    Call,
    Field,
    Items,
    Leaf,
    Literal,
    Node,
    Not,
    Operand,
    Pair,
    Truth,
)

Test: TypeAlias = Callable[[View, datetime], bool]
Read: TypeAlias = Callable[[View, datetime], Any]


def test_of(node: Node, leaf_tests: Iterator[Test]) -> Test:
    """The closure that answers a checked condition; `leaf_tests` gives those of its leaves, in the order written."""
    if isinstance(node, AllOf):
        return _all_of(tuple(test_of(part, leaf_tests) for part in node.parts))
    if isinstance(node, AnyOf):
        return _any_of(tuple(test_of(part, leaf_tests) for part in node.parts))
    if isinstance(node, Not):
        return _not(test_of(node.part, leaf_tests))
    return next(leaf_tests)


def leaf_test(leaf: Leaf) -> Test:
    """The closure that answers one leaf."""
    if isinstance(leaf, Truth):
        return _truth(_reader(leaf.operand))
    tests = tuple(_pair(pair) for pair in leaf.pairs)
    return tests[0] if len(tests) == 1 else _all_of(tests)


def _all_of(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda view, now: first(view, now) and second(view, now)

    def holds(view: View, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110 (a generator would cost as much as the tests)
            if not test(view, now):
                return False
        return True

    return holds


def _any_of(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda view, now: first(view, now) or second(view, now)

    def holds(view: View, now: datetime) -> bool:
        for test in tests:  # noqa: SIM110 (a generator would cost as much as the tests)
            if test(view, now):
                return True
        return False

    return holds


def _not(test: Test) -> Test:
    return lambda view, now: not test(view, now)


def _truth(read: Read) -> Test:
    return lambda view, now: read(view, now) is True


def _pair(pair: Pair) -> Test:
    run, left, right = RUN[pair.op], pair.left, pair.right
    if isinstance(left, Field) and isinstance(right, Literal | Items):
        return _field_and_constant(left, run, _constant(right))
    if isinstance(left, Call) and isinstance(right, Literal) and isinstance(right.value, int):
        return _two_reads(_raw_call_reader(left), run, _reader(right))  # a float compares exactly with an int
    return _two_reads(_reader(left), run, _reader(right))


def _field_and_constant(field: Field, run: Callable[[Any, Any], bool], constant: Any) -> Test:
    """The everyday leaf, made without a call for either side."""
    name, clean = field.name, _CLEAN.get(field.type)
    if clean is None:

        def plain(view: View, _now: datetime) -> bool:
            value = view.get(name)
            return value is not None and run(value, constant)

        return plain

    def cleaned(view: View, _now: datetime) -> bool:
        value: Any = view.get(name)
        if type(value) is not int:
            value = clean(value)
        return value is not None and run(value, constant)

    return cleaned


def _two_reads(read_left: Read, run: Callable[[Any, Any], bool], read_right: Read) -> Test:
    def holds(view: View, now: datetime) -> bool:
        left = read_left(view, now)
        if left is None:
            return False
        right = read_right(view, now)
        return right is not None and run(left, right)

    return holds


def _reader(operand: Operand) -> Read:
    if isinstance(operand, Field):
        return _field_reader(operand)
    if isinstance(operand, Call):
        return _call_reader(operand)
    constant = _constant(operand)
    return lambda _view, _now: constant


def _constant(operand: Literal | Items) -> object:
    return frozenset(operand.values) if isinstance(operand, Items) else operand.value


def _field_reader(field: Field) -> Read:
    name, clean = field.name, _CLEAN.get(field.type)
    if clean is None:
        return lambda view, _now: view.get(name)
    return lambda view, _now: clean(view.get(name))


def _call_reader(call: Call) -> Read:
    read = _raw_call_reader(call)
    return (lambda view, now: _exact(read(view, now))) if call.type == FieldType.NUMBER else read


def _raw_call_reader(call: Call) -> Read:
    """The function's result as it is; None without a call when an argument is missing."""
    run, asks_presence = call.function.run, call.function.asks_presence
    first, *others = (_reader(argument) for argument in call.arguments)
    if asks_presence:
        return lambda view, now: run(now, first(view, now))

    def read(view: View, now: datetime) -> object:
        value = first(view, now)
        if value is None:
            return None
        rest = [other(view, now) for other in others] if others else ()
        return None if None in rest else run(now, value, *rest)

    return read


def _exact(value: Any) -> Any:
    """A number as int or Decimal, so that 0.1 in a view equals 0.1 in a condition; "not a number" is missing."""
    if isinstance(value, float):
        return None if isnan(value) else Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_nan():
        return None
    return value


def _exact_items(values: Any) -> tuple[object, ...] | None:
    if values is None:
        return None
    numbers = (_exact(value) for value in values)
    return tuple(number for number in numbers if number is not None)


_CLEAN: dict[FieldType, Callable[[Any], Any]] = {FieldType.NUMBER: _exact, FieldType.NUMBERS: _exact_items}
