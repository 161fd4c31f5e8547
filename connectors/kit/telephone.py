"""Numbers that are none: what telephone networks write for a caller who withholds their own.

It is the word, typed on a telephone's keys. All those callers together are not one person.
"""

from __future__ import annotations

_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_WITHHELD = frozenset(
    word.translate(_KEYS) for word in ("RESTRICTED", "BLOCKED", "UNKNOWN", "ANONYMOUS", "UNAVAILABLE")
)


def is_withheld(number: str) -> bool:
    """Whether this stands for a withheld number, with or without its plus sign."""
    return number.removeprefix("+") in _WITHHELD
