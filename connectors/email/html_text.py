"""The text of an HTML mail, as a mail program would show it in plain text. Nothing is fetched, run or followed.

What is quoted (`blockquote`) gets the `>` that plain mail has, so that one way of cutting serves both. The parser of
the standard library takes quadratic time for tags that never end; this one looks at each character once.
"""

from __future__ import annotations

import re
from html import unescape

MAX_HTML = 200_000
"""Characters that are read; what comes later is layout, or an attempt to keep us busy."""
MAX_QUOTES = 8
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "div", "dl", "dd", "dt", "fieldset", "footer", "form", "h1", "h2", "h3"}
    | {"h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_UNSEEN = frozenset({"script", "style", "title", "template", "noscript"})
_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>|<[!?][^<>]*+>|[^<]+|<")
"""Nothing that was taken is given back (`*+`): a name that never ends would be split in every possible way."""
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def text_of_html(html: str) -> str:
    """The readable text, one line for each line shown."""
    html, place, page = html[:MAX_HTML], 0, _Page()
    while match := _TOKEN.match(html, place):
        place = _after(match, html)
        closing, tag = match[1], (match[2] or "").lower()
        if tag:
            page.tag(tag, closing=bool(closing))
        elif not match[0].startswith(("<!", "<?")):
            page.said(unescape(match[0]))
    return page.text()


def _after(match: re.Match[str], html: str) -> int:
    """Where reading goes on: behind a comment, and behind what an element that nobody sees holds. One that never ends
    goes on to the end, as in a browser."""
    end = match.end()
    if match[0] == "<!--":
        closed = html.find("-->", end)
        return len(html) if closed < 0 else closed + len("-->")
    if match[2] and not match[1] and match[2].lower() in _UNSEEN:
        found = re.compile(f"</{match[2]}", re.IGNORECASE).search(html, end)
        return found.start() if found else len(html)
    return end


class _Page:
    """Collects lines. Unclosed and crossed tags are usual in mail: depth is counted, never below nothing."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0

    def tag(self, tag: str, *, closing: bool) -> None:
        if tag in _BLOCKS:
            self._end_line(forced=tag == "br")
        if tag == "p" and closing:
            self._end_line(forced=True)
        if tag == "blockquote":
            self._quotes = max(0, min(self._quotes + (-1 if closing else 1), MAX_QUOTES))
        elif tag == "li" and not closing:
            self._line.append("- ")
        elif tag in {"td", "th"} and not closing and self._line:
            self._line.append(" | ")

    def said(self, text: str) -> None:
        self._line.append(text)

    def text(self) -> str:
        """What was collected; runs of empty lines as one."""
        self._end_line(forced=False)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _end_line(self, *, forced: bool) -> None:
        line = _BLANKS.sub(" ", "".join(self._line)).strip()
        self._line = []
        if line or forced:
            self._lines.append(f"{'>' * self._quotes} {line}".rstrip() if self._quotes else line)
