"""The mark a task or note carries, so that it can be recognised after an answer got lost.

HubSpot has no unique property for tasks and notes on every plan, so the operation's id stands in the last line of the
body, in words a person can live with. Bodies are HTML in HubSpot: ours are text, escaped, one `<br>` per line. Only the
last line counts: what a lead wrote in a message must never pass for a mark.
"""

from __future__ import annotations

import html
import re

WORDS = "LeadRelay ref"
LONGEST = 65_000  # HubSpot takes 65,536 characters
MARK = re.compile(rf"{WORDS} (\S+?)(?:\s|&nbsp;|</?[a-z]+\s*/?>)*\Z")


def marked(body: str, op_id: str) -> str:
    """The body as HubSpot gets it, ending with the mark of the operation. An overlong body is cut, never the mark."""
    mark = f"<br>{WORDS} {html.escape(op_id)}"
    text = html.escape(body).replace("\n", "<br>")
    room = LONGEST - len(mark)
    if len(text) > room:
        text = re.sub(r"(&[#\w]*|<[a-z]*)\Z", "", text[: room - 1]) + "…"
    return text + mark


def mark_of(body: str) -> str | None:
    """The operation that wrote this body, None for somebody else's."""
    found = MARK.search(body)
    return html.unescape(found[1]) if found else None
