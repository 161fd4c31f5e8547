"""Places inside a text value: which character of the file is the n-th of a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from leadrelay.rulebook.read import Document, Mark, Scalar, Steps


def place_in(document: Document, steps: Steps, offset: int) -> Mark:
    """Where the character `offset` of a text value stands in the file.

    Quotes, folding and indentation move characters about, but keep their order: the n-th character that is no white
    space is the same one in the file and in the value.
    """
    scalar, value = document.scalars.get(steps), _follow(document.data, steps)
    if scalar is None or not isinstance(value, str):
        return document.value_at(steps)
    wanted = sum(not char.isspace() for char in value[:offset])
    for seen, index in enumerate(_written(document.text, scalar)):
        if seen == wanted:
            return _mark_of(document.text, index)
    return scalar.start


def _written(text: str, scalar: Scalar) -> Iterator[int]:
    """Indexes of the characters of a scalar that are no white space; an escape is one character."""
    start, escape = scalar.start.index, None
    if scalar.style in ("|", ">"):
        start = text.index("\n", start)
    elif scalar.style:
        start, escape = start + 1, r"\\(?:x..|u.{4}|U.{8}|.)" if scalar.style == '"' else "''"
    for found in re.finditer(rf"{escape}|\S" if escape else r"\S", text[start : scalar.end]):
        if found.group() not in (r"\n", r"\t", r"\ "):
            yield start + found.start()


def _mark_of(text: str, index: int) -> Mark:
    return Mark(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), index)


def _follow(data: Any, steps: Steps) -> Any:
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
