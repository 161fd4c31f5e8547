"""When a condition may answer differently although nothing happens: only its ages look at the time.

An age that is compared with a number crosses it once, at an instant that can be computed, so nobody has to ask a
thousand leads each night whether thirty days have passed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from leadrelay.domain.conditions.field_types import View
from leadrelay.domain.conditions.functions import AGES
from leadrelay.domain.conditions.tree import Call, Comparison, Field, Leaf, Literal, Operand, operands

_AFTER = timedelta(microseconds=1)
"""At the crossing `>=` turns, an instant later `>`."""


def is_timed(leaf: Leaf) -> bool:
    """Whether the leaf looks at the time."""
    return any(_is_age(operand) for operand in operands(leaf))


def next_turn(leaves: Iterable[Leaf], view: View, now: datetime) -> datetime | None:
    """The first instant after `now` (UTC) at which one of them may have turned; None when time alone turns none.

    Exact for an age beside a number; an age beside anything else is taken to turn at any time.
    """
    return min(turns(leaves, view, now), default=None)


def turns(leaves: Iterable[Leaf], view: View, now: datetime) -> list[datetime]:
    """Every such instant that is known now, earliest first."""
    return sorted({at for leaf in leaves for at in _turns(leaf, view, now) if at > now})


def _turns(leaf: Leaf, view: View, now: datetime) -> Iterator[datetime]:
    for pair in leaf.pairs if isinstance(leaf, Comparison) else ():
        for age, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if isinstance(age, Call) and age.function.name in AGES:
                yield from _crossing(age, other, view, now)


def _crossing(age: Call, other: Operand, view: View, now: datetime) -> Iterator[datetime]:
    if not isinstance(other, Literal | Field):
        yield now + _AFTER
        return
    then = _value(age.arguments[0], view)
    number = _value(other, view)
    if isinstance(then, datetime) and isinstance(number, int | float | Decimal):
        try:
            crossing = then + timedelta(microseconds=int(Decimal(str(number)) * (AGES[age.function.name] // _AFTER)))
            yield from (crossing, crossing + _AFTER)
        except (OverflowError, ValueError):
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
    return isinstance(operand, Call) and operand.function.name in AGES
