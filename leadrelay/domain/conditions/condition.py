"""A compiled condition: what it asks, whether it holds, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leadrelay.domain.conditions.check import Checker
from leadrelay.domain.conditions.closures import Test, leaf_test, test_of
from leadrelay.domain.conditions.errors import ConditionError
from leadrelay.domain.conditions.explain import Part, parts_of
from leadrelay.domain.conditions.field_types import FieldType, Schema, View
from leadrelay.domain.conditions.parse import parse
from leadrelay.domain.conditions.source import Source
from leadrelay.domain.conditions.tree import (
    Call,
    Comparison,
    Field,
    Items,
    Leaf,
    Literal,
    Operand,
    field_names,
    leaves,
    operands,
)
from leadrelay.domain.conditions.turns import is_timed, turns


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was checked against a schema; made by `compile_condition` only.

    `text` is what was written, `fields` the names it reads. Two conditions with the same text and fields are equal.
    """

    text: str
    fields: frozenset[str]
    _test: Test = field(repr=False, compare=False)
    _leaf_tests: tuple[tuple[Leaf, Test], ...] = field(repr=False, compare=False)
    _timed: tuple[Leaf, ...] = field(repr=False, compare=False)

    def holds(self, view: View, now: datetime) -> bool:
        """Whether the condition is true of the view's values at `now` (aware UTC; only the ages look at it)."""
        return self._test(view, now)

    def changes_at(self, view: View, now: datetime) -> datetime | None:
        """The next instant (UTC) at which the answer changes because time passes, or None; only the ages let it."""
        if not self._timed:
            return None
        before = self.holds(view, now)
        return next((at for at in turns(self._timed, view, now) if self.holds(view, at) is not before), None)

    def explain(self, view: View, now: datetime) -> tuple[Part, ...]:
        """Every leaf with its own answer and the values it saw, in the order written, short-circuited ones too."""
        return parts_of(self._leaf_tests, view, now)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The checked leaves, for questions about the rule itself rather than about a lead."""
        return tuple(leaf for leaf, _test in self._leaf_tests)


def compile_condition(text: str, schema: Schema) -> Condition:
    """Checks a text against the declared fields and compiles it.

    Line ends act as spaces and `# …` as a comment, so a YAML block scalar can be given as it is; the positions in an
    error are those of the given text. Raises ConditionError, and nothing else, for every text that cannot be used.
    """
    if not isinstance(text, str):
        raise ConditionError(f"a condition is a text in quotes, this is {type(text).__name__} {text!r:.40}", "")
    source = Source.of(text)
    root = Checker(source, schema).condition(parse(source))
    leaf_tests = tuple((leaf, leaf_test(leaf)) for leaf in leaves(root))
    names = frozenset(name for leaf, _test in leaf_tests for name in field_names(leaf))
    test = test_of(root, iter([test for _leaf, test in leaf_tests]))
    return Condition(text, names, test, leaf_tests, tuple(leaf for leaf, _test in leaf_tests if is_timed(leaf)))


def literal_values(condition: Condition) -> Mapping[str, frozenset[str]]:
    """For every field whose whole values are compared with written texts: those texts.

    Counted are ==, !=, in, not in and count(), on text fields and on the members of text lists; so a lint can ask
    whether a rule names a value that cannot occur. Parts of a text ("vp" in lead.title) and lower(…) are not values.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for leaf in condition.leaves:
        for name, value in _compared_texts(leaf):
            found[name].add(value)
    return {name: frozenset(values) for name, values in found.items()}


def _compared_texts(leaf: Leaf) -> Iterator[tuple[str, str]]:
    if isinstance(leaf, Comparison):
        for pair in leaf.pairs:
            if pair.op in ("==", "!="):
                yield from _texts_of(pair.left, pair.right)
                yield from _texts_of(pair.right, pair.left)
            elif pair.op in ("in", "not in"):
                yield from _membership_texts(pair.left, pair.right)
    for operand in operands(leaf):
        if isinstance(operand, Call) and operand.function.name == "count":
            yield from _texts_of(*operand.arguments)


def _membership_texts(left: Operand, right: Operand) -> Iterator[tuple[str, str]]:
    if isinstance(right, Items):
        yield from _texts_of(left, right)
    elif right.type == FieldType.TEXTS:
        yield from _texts_of(right, left)


def _texts_of(subject: Operand, written: Operand) -> Iterator[tuple[str, str]]:
    if not isinstance(subject, Field):
        return
    values = written.values if isinstance(written, Items) else (written.value,) if isinstance(written, Literal) else ()
    for value in values:
        if isinstance(value, str):
            yield subject.name, value
