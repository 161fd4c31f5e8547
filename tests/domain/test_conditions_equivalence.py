"""Generated conditions, answered by the compiled closures and by a small interpreter that shares nothing with them.

The generator builds a tree of plain tuples; the same tree is written out as text for the compiler and walked directly
by the interpreter, which counts in fractions and treats a missing side as false by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.conditions import compile_condition
from tests.domain.test_conditions import NOW, SCHEMA

Tree = tuple[Any, ...]

WORDS = ["", "a", "PL", "pl", "pricing", "it's", 'say "x"', "ł # )", "a\\b"]
words = st.sampled_from(WORDS)
numbers = st.one_of(st.integers(-3, 3), st.sampled_from([Decimal("0.1"), Decimal("-0.5"), Decimal("1.0"), Decimal(2)]))
view_numbers = st.one_of(numbers, st.sampled_from([0.1, -0.5, 1.0, math.nan, math.inf]))
times = st.integers(-4 * 24 * 60, 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
VALUES = {
    "text": words,
    "number": view_numbers,
    "flag": st.booleans(),
    "time": times,
    "texts": st.lists(words, max_size=3).map(tuple),
    "numbers": st.lists(view_numbers, max_size=3).map(tuple),
}
views = st.fixed_dictionaries({}, optional={n: st.one_of(st.none(), VALUES[t]) for n, t in SCHEMA.items()})


def fields(kind: str) -> st.SearchStrategy[Tree]:
    return st.sampled_from([("field", name) for name, declared in SCHEMA.items() if declared == kind])


def written(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return values.map(lambda value: ("written", value))


def written_list(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return st.lists(values, min_size=1, max_size=4).map(lambda items: ("list", tuple(items)))


texts: st.SearchStrategy[Tree] = st.one_of(
    fields("text"),
    written(words),
    st.tuples(st.just("lower"), fields("text")),
    st.tuples(st.just("lower"), written(words)),
)
measures: st.SearchStrategy[Tree] = st.one_of(
    fields("number"),
    written(numbers),
    st.tuples(st.just("len"), st.one_of(texts, fields("texts"), fields("numbers"))),
    st.tuples(st.just("count"), fields("texts"), texts),
    st.tuples(st.just("count"), fields("numbers"), st.one_of(fields("number"), written(numbers))),
    st.tuples(st.sampled_from(["age_days", "age_hours", "age_minutes"]), fields("time")),
)
flags: st.SearchStrategy[Tree] = st.one_of(
    fields("flag"),
    written(st.booleans()),
    st.tuples(st.sampled_from(["known", "missing"]), st.sampled_from([("field", name) for name in SCHEMA])),
    st.tuples(st.sampled_from(["startswith", "endswith"]), texts, texts),
)
equality, order, membership = (
    st.sampled_from(["==", "!="]),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.sampled_from(["in", "not in"]),
)


def chains(operator: st.SearchStrategy[str], operand: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    links = st.lists(st.tuples(operator, operand), min_size=1, max_size=3).map(tuple)
    return st.tuples(st.just("chain"), operand, links)


def lookups(wanted: st.SearchStrategy[Tree], place: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.tuples(st.just("chain"), wanted, st.tuples(st.tuples(membership, place)))


leaves = st.one_of(
    flags,
    chains(order, texts),
    chains(order, measures),
    chains(order, fields("time")),
    chains(equality, flags),
    lookups(texts, st.one_of(texts, fields("texts"), written_list(words))),
    lookups(measures, st.one_of(fields("numbers"), written_list(numbers))),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)


def as_text(tree: Tree) -> str:
    match tree:
        case ("field", name):
            return str(name)
        case ("written", value):
            return literal(value)
        case ("list", values):
            return f"[{', '.join(map(literal, values))}]"
        case ("chain", first, links):
            return " ".join([as_text(first), *(f"{op} {as_text(operand)}" for op, operand in links)])
        case ("not", part):
            return f"not ({as_text(part)})"
        case ("and" | "or" as word, parts):
            return f" {word}\n".join(f"({as_text(part)})" for part in parts)
        case (function, *arguments):
            return f"{function}({', '.join(map(as_text, arguments))})"
    raise AssertionError(tree)


def literal(value: object) -> str:
    return repr(value) if isinstance(value, str | bool) else str(value)


def truth(tree: Tree, view: Mapping[str, object]) -> bool:
    match tree:
        case ("not", part):
            return not truth(part, view)
        case ("and", parts):
            return all(truth(part, view) for part in parts)
        case ("or", parts):
            return any(truth(part, view) for part in parts)
        case ("chain", first, links):
            sides = [first, *(operand for _op, operand in links)]
            return all(
                compared(links[i][0], value(sides[i], view), value(sides[i + 1], view)) for i in range(len(links))
            )
    return value(tree, view) is True


def compared(op: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if "in" in op:
        return bool(left in right) == (op == "in")
    below, equal = bool(left < right), bool(left == right)
    above = not below and not equal
    answers = {"==": equal, "!=": not equal, "<": below, "<=": not above, ">": above, ">=": not below}
    return answers[op]


def value(tree: Tree, view: Mapping[str, object]) -> Any:
    match tree:
        case ("field", name):
            return plain(view.get(name))
        case ("written" | "list", given):
            return plain(given)
        case ("known", field):
            return value(field, view) is not None
        case ("missing", field):
            return value(field, view) is None
    function, *arguments = tree
    values = [value(argument, view) for argument in arguments]
    if any(one is None for one in values):
        return None
    return applied(function, *values)


def applied(function: str, first: Any, second: Any = None) -> Any:
    match function:
        case "lower":
            return first.lower()
        case "len":
            return Fraction(len(first))
        case "count":
            return Fraction(sum(item == second for item in first))
        case "startswith":
            return first[: len(second)] == second
        case "endswith":
            return first[len(first) - len(second) :] == second if len(second) <= len(first) else False
    minutes = {"age_days": 1_440, "age_hours": 60, "age_minutes": 1}[function]
    return as_fraction(elapsed(first) / (minutes * 60))


def elapsed(then: datetime) -> float:
    return (NOW - then).total_seconds()


def plain(given: object) -> Any:
    """Numbers as fractions, what is not a number as missing, everything else as it is."""
    if isinstance(given, tuple):
        return tuple(item for item in map(plain, given) if item is not None)
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return given
    return as_fraction(given)


def as_fraction(number: float | Decimal) -> Any:
    if math.isnan(number):
        return None
    return number if math.isinf(number) else Fraction(str(number))


@settings(max_examples=1_500, deadline=None, derandomize=True)
@given(trees, views, views)
def test_closures_answer_like_the_interpreter(tree: Tree, one: dict[str, object], other: dict[str, object]) -> None:
    condition = compile_condition(as_text(tree), SCHEMA)
    for view in (one, other):
        assert condition.holds(view, NOW) is truth(tree, view), condition.text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(leaves, min_size=2, max_size=4), views)
def test_every_leaf_is_explained_like_the_interpreter_sees_it(parts: list[Tree], view: dict[str, object]) -> None:
    condition = compile_condition(as_text(("or", tuple(parts))), SCHEMA)
    explained = condition.explain(view, NOW)
    assert [part.holds for part in explained] == [truth(part, view) for part in parts]
    assert {name for part in explained for name, _value in part.values} == condition.fields
    for part in explained:
        assert compile_condition(part.text, SCHEMA).holds(view, NOW) is part.holds
        assert all(view.get(name) is seen for name, seen in part.values)
