"""Words in a free text, as people of four languages write them: any case, with or without their accents, in Latin or
in Serbian Cyrillic letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

_CYRILLIC = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgddezzijklmnoprstcufhccs", strict=True))
_LETTERS = str.maketrans({**_CYRILLIC, "љ": "lj", "њ": "nj", "џ": "dz", "ł": "l", "đ": "d"})


def mentions(text: str, phrases: Collection[str] | str) -> bool:
    """Whether the text holds one of the phrases, whole words side by side. A "*" at the end of a word stands for the
    rest of it: languages with cases bend them ("artykuł* sponsorowan*")."""
    wanted = _pattern(phrases if isinstance(phrases, str) else frozenset(phrases))
    return wanted is not None and wanted.search(_folded(text)) is not None


@lru_cache(maxsize=256)
def _pattern(phrases: frozenset[str] | str) -> re.Pattern[str] | None:
    """What to look for, worked out once for each list of the rules; a phrase without a word is never found. Nothing in
    it can be read in two ways, so the search takes no longer than the text is."""
    each = (phrases,) if isinstance(phrases, str) else sorted(phrases)
    found = [known for known in (" ".join(_words(phrase)) for phrase in each) if known]
    return re.compile(rf"(?<!\S)(?:{'|'.join(found)})(?!\S)") if found else None


def _words(phrase: str) -> Iterator[str]:
    for word in phrase.split():
        folded = _folded(word)
        if folded:
            yield folded + (r"\S*" if word.endswith("*") else "")


def _folded(text: str) -> str:
    """The words alone, one space between them."""
    small = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", small) if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())
