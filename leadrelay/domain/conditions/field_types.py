"""What kinds of value a condition can talk about. Kept apart: schema, checker and functions all speak these words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias


class FieldType(StrEnum):
    """The type of a declared field, and of every value inside a condition.

    In the view the types are: text = str, number = int | Decimal | float, flag = bool, time = aware datetime,
    texts = tuple of str, numbers = tuple of numbers. Any field may also be None or absent: it is then *missing*.
    """

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    TEXTS = "texts"
    NUMBERS = "numbers"

    @property
    def phrase(self) -> str:
        """The type as it reads in an error message: "a number", "a list of texts"."""
        return _PHRASES[self]


_PHRASES = {
    FieldType.TEXT: "a text",
    FieldType.NUMBER: "a number",
    FieldType.FLAG: "a flag",
    FieldType.TIME: "a time",
    FieldType.TEXTS: "a list of texts",
    FieldType.NUMBERS: "a list of numbers",
}

Schema: TypeAlias = Mapping[str, FieldType]
"""Every field a condition may read: dotted name ("lead.score") -> type."""

View: TypeAlias = Mapping[str, object]
"""The values a condition is asked about: dotted name -> value of the declared type, None or absent when missing."""
