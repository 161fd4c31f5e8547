"""A query as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "time", "date", "boolean", "null", "words"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a condition; `words` are relative dates such as TODAY."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Compare:
    """`path operator value`; `select` is the sub-select of an IN."""

    path: str
    operator: str
    values: tuple[Value, ...] = ()
    select: Select | None = None


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by AND or OR, or one that is NOT."""

    word: str
    parts: tuple[Condition, ...]


Condition = Compare | Junction


@dataclass(frozen=True, slots=True)
class Item:
    """What is selected: a path, or a function of one under an alias."""

    path: str
    function: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One term of ORDER BY. Empty values come first unless said otherwise."""

    path: str
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """A whole query."""

    items: tuple[Item, ...]
    kind: str
    where: Condition | None = None
    groups: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
