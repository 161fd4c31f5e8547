"""Words in a free text, as people of four languages write them: any case, with or without their accents, in Latin or
in Serbian Cyrillic letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache

_CYRILLIC = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgddezzijklmnoprstcufhccs", strict=True))
_LETTERS = str.maketrans({**_CYRILLIC, "љ": "lj", "њ": "nj", "џ": "dz", "ł": "l", "đ": "d"})


def mentions(text: str, phrases: Collection[str] | str) -> bool:
    """Whether the text holds one of the phrases, whole words side by side. A "*" at the end of a phrase stands for the
    rest of its last word: languages with cases bend it ("studia podyplomow*")."""
    folded = f" {_folded(text)} "
    return any(wanted in folded for wanted in _wanted(phrases if isinstance(phrases, str) else frozenset(phrases)))


@lru_cache(maxsize=256)
def _wanted(phrases: frozenset[str] | str) -> tuple[str, ...]:
    """What to look for, worked out once for each list of the rules; a phrase without a word is never found."""
    each = (phrases,) if isinstance(phrases, str) else tuple(sorted(phrases))
    known = ((_folded(phrase), phrase.rstrip().endswith("*")) for phrase in each)
    return tuple(f" {words}" if open_ended else f" {words} " for words, open_ended in known if words)


def _folded(text: str) -> str:
    """The words alone, one space between them."""
    small = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", small) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())
