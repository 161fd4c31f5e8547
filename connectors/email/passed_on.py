"""A mail that a colleague passes on by hand: the person is whoever wrote the old mail, which stands under a block of
its headers. What the colleague wrote above it is a note."""

from __future__ import annotations

from typing import NamedTuple

from connectors.email.address import Address, addresses
from connectors.email.quoting import is_header_block, label_of

_BLOCK_LINES = 8


class PassedOn(NamedTuple):
    """The old mail's author and text, and the note above it."""

    author: Address
    message: str
    note: str


def passed_on(text: str) -> PassedOn | None:
    """The first old mail in a text; None when there is none, or none that names its author's address."""
    lines = [line.lstrip("> ") for line in text.split("\n")]
    for number in range(len(lines)):
        if is_header_block(lines[number : number + _BLOCK_LINES]):
            return _old_mail(lines, number)
    return None


def _old_mail(lines: list[str], start: int) -> PassedOn | None:
    written = lines[start].partition(":")[2].strip("* ").replace("[mailto:", "<").replace("]", ">")
    authors = addresses((written,))
    if len(authors) != 1:
        return None
    end = start
    while end < len(lines) and (label_of(lines[end]) or (lines[end].strip() and end - start < _BLOCK_LINES)):
        end += 1
    note = [line for line in lines[:start] if not line.startswith("---")]
    return PassedOn(authors[0], "\n".join(lines[end:]).strip(), "\n".join(note).strip())
