"""When a condition may answer differently although nothing happens: only its ages look at the time.

An age that is compared with a number crosses it once, at an instant that can be computed, so nobody has to ask a
thousand leads each night whether thirty days have passed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from leadrelay.domain.conditions.field_types import View
from leadrelay.domain.conditions.tree import Call, Comparison, Field, Leaf, Literal, Operand, operands

UNITS: Mapping[str, timedelta] = {
    "age_days": timedelta(days=1),
    "age_hours": timedelta(hours=1),
    "age_minutes": timedelta(minutes=1),
}
"""The functions that look at the time, and what they count in."""

_AFTER = timedelta(seconds=1)
"""Ages are fractions: a second after the crossing, `>` and `>=` agree about it."""


def is_timed(leaf: Leaf) -> bool:
    """Whether the leaf looks at the time."""
    return any(_is_age(operand) for operand in operands(leaf))


def next_turn(leaves: Iterable[Leaf], view: View, now: datetime) -> datetime | None:
    """The first instant after `now` (UTC) at which one of them may have turned; None when time alone turns none.

    Exact to a second for an age beside a number; an age beside anything else is taken to turn at any time.
    """
    return min((at for leaf in leaves for at in _turns(leaf, view, now) if at > now), default=None)


def _turns(leaf: Leaf, view: View, now: datetime) -> Iterator[datetime]:
    for pair in leaf.pairs if isinstance(leaf, Comparison) else ():
        for age, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if isinstance(age, Call) and age.function.name in UNITS:
                yield from _crossing(age, other, view, now)


def _crossing(age: Call, other: Operand, view: View, now: datetime) -> Iterator[datetime]:
    if not isinstance(other, Literal | Field):
        yield now + _AFTER
        return
    then = _value(age.arguments[0], view)
    number = _value(other, view)
    if isinstance(then, datetime) and isinstance(number, int | float | Decimal):
        try:
            yield then + UNITS[age.function.name] * float(number) + _AFTER
        except OverflowError:
            return  # beyond the calendar: never


def _value(operand: Operand, view: View) -> object:
    return (
        operand.value
        if isinstance(operand, Literal)
        else view.get(operand.name)
        if isinstance(operand, Field)
        else None
    )


def _is_age(operand: Operand) -> bool:
    return isinstance(operand, Call) and operand.function.name in UNITS
