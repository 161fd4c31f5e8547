"""The functions of the language, as data: adding one is adding a row.

A function of a missing value is itself missing, so the comparison around it is false. Only `known` and `missing` see
that a value is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from leadrelay.domain.conditions.field_types import FieldType
from leadrelay.domain.conditions.words import mentions

_TEXT, _NUMBER, _FLAG, _TIME = FieldType.TEXT, FieldType.NUMBER, FieldType.FLAG, FieldType.TIME
_TEXTS, _NUMBERS = FieldType.TEXTS, FieldType.NUMBERS
_ANY_FIELD = tuple((field_type,) for field_type in FieldType)


class Function(NamedTuple):
    """One function: the argument types it accepts (alternatives), what it returns, how it is computed.

    `run(now, *values)` gets the moment of the decision first. `asks_presence` marks the two functions that take a
    field, not its value, and are called even when the value is missing; `takes_list` one that may be given a written
    list.
    """

    name: str
    signatures: tuple[tuple[FieldType, ...], ...]
    returns: FieldType
    run: Callable[..., object]
    asks_presence: bool = False
    takes_list: bool = False

    @property
    def usage(self) -> str:
        """How it is written, for error messages: "count(texts, text) or count(numbers, number)"."""
        if self.asks_presence:
            return f"{self.name}(field)"
        return " or ".join(f"{self.name}({', '.join(signature)})" for signature in self.signatures)


AGES = {"age_days": timedelta(days=1), "age_hours": timedelta(hours=1), "age_minutes": timedelta(minutes=1)}
"""The functions that look at the time, with the unit in which they count."""


def _age_in(unit: timedelta) -> Callable[[datetime, datetime], float]:
    return lambda now, then: (now - then) / unit


def _count(_now: datetime, items: tuple[object, ...], wanted: object) -> int:
    return items.count(wanted)


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("known", _ANY_FIELD, _FLAG, lambda _now, value: value is not None, asks_presence=True),
        Function("missing", _ANY_FIELD, _FLAG, lambda _now, value: value is None, asks_presence=True),
        Function("startswith", ((_TEXT, _TEXT),), _FLAG, lambda _now, text, start: text.startswith(start)),
        Function("endswith", ((_TEXT, _TEXT),), _FLAG, lambda _now, text, end: text.endswith(end)),
        Function(
            "mentions",
            ((_TEXT, _TEXTS), (_TEXT, _TEXT)),
            _FLAG,
            lambda _now, text, phrases: mentions(text, phrases),
            takes_list=True,
        ),
        Function("lower", ((_TEXT,),), _TEXT, lambda _now, text: text.lower()),
        Function("len", ((_TEXT,), (_TEXTS,), (_NUMBERS,)), _NUMBER, lambda _now, value: len(value)),
        Function("count", ((_TEXTS, _TEXT), (_NUMBERS, _NUMBER)), _NUMBER, _count),
        *(Function(name, ((_TIME,),), _NUMBER, _age_in(unit)) for name, unit in AGES.items()),
    )
}
"""Ages are fractions of elapsed (UTC) time and negative for a time still to come; `lower` follows Unicode;
`mentions` looks for whole words in any case and spelling of accents."""
