"""Bytes of a mail as text. What mail programs declare is often wrong, and sometimes meant to hurt."""

from __future__ import annotations

import codecs
from email.errors import HeaderParseError
from email.header import decode_header

_NEVER = frozenset({"punycode", "idna", "utf_7", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Codecs of Python that no mail program writes: slow on crafted bytes, or a way to hide what a text says."""


def text_of(content: bytes, declared: str | None) -> str:
    """The text in the declared charset; where it cannot be that, in UTF-8 or else in Windows-1250, which has the
    letters of Central Europe and of German."""
    for charset in (_usable(declared), "utf-8"):
        try:
            return content.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return content.decode("cp1250", "replace")


def words_of(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) read; as it stands where they are broken."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(piece if isinstance(piece, str) else text_of(piece, charset) for piece, charset in pieces)


def _usable(declared: str | None) -> str:
    try:
        name = codecs.lookup(declared or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("-", "_") in _NEVER else name
