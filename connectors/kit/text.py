"""Text from outside, made safe to keep.

Removed are characters that nobody can see but that change what others see or compare: controls, bidirectional
overrides, zero-width marks, surrogates and noncharacters. What is left is NFC, so that equal text is equal bytes.
Escaping for HTML, CSV or chat belongs to the sinks and is not done here: a phone number keeps its "+".
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_LAST_OF_PLANES = [plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)]
_NONCHARACTERS = frozenset(map(chr, [*range(0xFDD0, 0xFDF0), *_LAST_OF_PLANES]))
_KEPT = frozenset("\n\t")
_BLANKS = re.compile(r"\s+")


def clean(text: str, max_bytes: int) -> str:
    """Several lines of readable text, trimmed, at most `max_bytes` of UTF-8.

    Cut before normalising as well: ordering a long run of combining marks takes quadratic time.
    """
    lines = cut(text, max_bytes).replace("\r\n", "\n").replace("\r", "\n")
    readable = lines if lines.isprintable() else "".join(filter(_readable, lines))  # what can be printed can be seen
    return cut(unicodedata.normalize("NFC", readable), max_bytes).strip()


def clean_line(text: str, max_bytes: int) -> str:
    """One line of readable text: as `clean`, with every run of blanks as one space."""
    return _BLANKS.sub(" ", clean(text, max_bytes))


def _readable(char: str) -> bool:
    return char in _KEPT or (unicodedata.category(char) not in _INVISIBLE and char not in _NONCHARACTERS)


def cut(text: str, max_bytes: int) -> str:
    """The longest start of `text` that fits `max_bytes` of UTF-8 and does not end inside a character."""
    if len(text) * 4 <= max_bytes:
        return text
    return text[:max_bytes].encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore")
