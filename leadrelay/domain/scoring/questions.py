"""Questions in a message: somebody who asks for the price is nearer to buying than the form they happened to use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"\w+")


def asked(message: str, questions: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names of the questions that a message asks: it has one of their words, or of their phrases word by word.

    Words are compared whole, in any case and any alphabet; a "price" inside "priceless" is none.
    """
    said = _words(message)
    return tuple(name for name, words in questions.items() if any(_words(word) in said for word in words))


def _words(text: str) -> str:
    """The words with one space around each."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFKC', text).casefold()))} "
