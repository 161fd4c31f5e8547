"""How the commands say what others wrote: for a terminal, and without what a log must not keep."""

from __future__ import annotations

import re

from rich.text import Text

from connectors.kit.text import clean_line

_CELL = 1000
_CONTACT = re.compile(r"\S*@\S*|\+\d[\d ()./-]{5,}\d")
"""An address, or a number in its international form."""


def cell(text: str) -> Text:
    """What somebody typed into the CRM, for a terminal: one line, no control characters, no mark-up."""
    return Text(clean_line(text, _CELL))


def masked(text: str) -> str:
    """What the CRM said, without the addresses and numbers that it quotes."""
    return _CONTACT.sub("…", text)


def many(count: int, one: str, more: str) -> str:
    """`1 lead`, `1,200 leads`."""
    return f"{count:,} {one if count == 1 else more}"
