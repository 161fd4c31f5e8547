"""Words from outside as words only: nothing that a lead is called may mention, link, format or hide anything.

Every service escapes in its own way and some not at all, titles least of all; so what means something to one of them
is replaced by what looks like it and means nothing to any. Where the service's own escaping works too, no harm is done.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80

_JOINER = "\u2060"
"""Shows nothing, breaks no line, and ends what would be a link or a mention."""

_LOOKS_LIKE = str.maketrans('<>*_`~|[]{}\\"#@', "‹›∗-'-/()()/'＃＠")

_ADDRESS = re.compile(r"(?<=\w)\.(?=\w{2})|:(?=/)")
"""The dot of a domain (not that of `d.o.o.`), and the colon of a scheme."""


def plain(text: str) -> str:
    """One line of at most `LONGEST` characters that every service shows as text and none acts upon."""
    seen = "".join(" " if _hides(character) else character for character in text)
    shown = " ".join(seen.split()).translate(_LOOKS_LIKE)
    cut = shown if len(shown) <= LONGEST else shown[: LONGEST - 1].rstrip() + "…"
    return _ADDRESS.sub(lambda found: found[0] + _JOINER, cut).replace("&", "＆" if _entity(cut) else "&")


def _hides(character: str) -> bool:
    """Control and format characters: line ends, those that turn the direction of writing, those that show nothing."""
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co")


def _entity(text: str) -> bool:
    """Whether an ampersand would be read as a character in HTML or Markdown."""
    return re.search(r"&#?\w+;", text) is not None
