"""The mark a task or note carries, so that it can be recognised after an answer got lost.

Not every CRM has a unique field for tasks and notes, so the operation's id stands in the last line of the body, in
words a person can live with. Only the last line counts: what a lead wrote in a message must never pass for a mark.
A CRM whose bodies are HTML gets our text escaped, one `<br>` per line; one with plain text gets it as it is.
"""

from __future__ import annotations

import html
import re

WORDS = "LeadRelay ref"
MARK = re.compile(rf"{WORDS} (\S+?)(?:\s|&nbsp;|</?[a-z]+\s*/?>)*\Z")


def marked_html(body: str, op_id: str, longest: int) -> str:
    """The body as HTML of at most `longest` characters, ending with the mark of the operation. An overlong body is
    cut, never the mark."""
    mark = f"<br>{WORDS} {html.escape(op_id)}"
    text = html.escape(body).replace("\n", "<br>")
    room = longest - len(mark)
    if len(text) > room:
        text = re.sub(r"(&[#\w]*|<[a-z]*)\Z", "", text[: room - 1]) + "…"
    return text + mark


def marked_text(body: str, op_id: str, longest: int) -> str:
    """The same as plain text."""
    mark = f"\n{WORDS} {op_id}"
    room = longest - len(mark)
    return (body if len(body) <= room else body[: room - 1] + "…") + mark


def mark_of_html(body: str) -> str | None:
    """The operation that wrote this HTML body, None for somebody else's."""
    found = MARK.search(body)
    return html.unescape(found[1]) if found else None


def mark_of_text(body: str) -> str | None:
    """The operation that wrote this plain body, None for somebody else's."""
    found = re.search(rf"{WORDS} (\S+)\s*\Z", body)
    return found[1] if found else None
