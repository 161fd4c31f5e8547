"""Conditions on a report's rows as a text for an address: `[["mql_ms","known"],["source","is","meta"]]`.

They come back from a browser, so what is read is only what could have been written: columns are checked against the
report's row by whoever filters with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import ValidationError

from leadrelay.reports.asked import Condition

_LONGEST = 4_000
_MOST = 20


class NoConditions(ValueError):
    """The text is damaged."""


def conditions_text(conditions: Iterable[Condition]) -> str:
    """The conditions, short; what a column is compared with only where it is."""
    parts = ([each.column, each.op, *([] if each.value is None else [each.value])] for each in conditions)
    return json.dumps(list(parts), separators=(",", ":"), ensure_ascii=False)


def conditions_of(text: str) -> tuple[Condition, ...]:
    """The conditions again; an empty text has none. Raises NoConditions."""
    if not text:
        return ()
    try:
        parts = json.loads(text) if len(text) <= _LONGEST else None
        json.dumps(
            parts, ensure_ascii=False, allow_nan=False
        ).encode()  # half a character is no text, infinity no number
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) > _MOST:
        raise NoConditions("this link to the leads behind a number is damaged; open the number again")
    return tuple(map(_condition, parts))


def _condition(part: object) -> Condition:
    names = ("column", "op", "value")
    if not isinstance(part, list) or not 2 <= len(part) <= len(names):
        raise NoConditions("this link to the leads behind a number is damaged; open the number again")
    try:
        return Condition.model_validate(dict(zip(names, part, strict=False)), strict=True)
    except ValidationError:
        raise NoConditions("this link to the leads behind a number is damaged; open the number again") from None
