"""The text of an HTML mail, as a mail program would show it in plain text. Nothing is fetched, run or followed.

What is quoted (`blockquote`) gets the `>` that plain mail has, so that one way of cutting serves both.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

MAX_HTML = 200_000
"""Characters that are read; what comes later is layout, or an attempt to keep us busy."""
MAX_QUOTES = 8
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "div", "dl", "dd", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4"}
    | {"h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def text_of_html(html: str) -> str:
    """The readable text, one line for each line shown."""
    reader = _Reader()
    reader.feed(html[:MAX_HTML])
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects lines. Unclosed and crossed tags are usual in mail: depth is counted, never below nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if tag in _BLOCKS or tag == "br":
            self._end_line(forced=tag == "br")
        if tag == "blockquote":
            self._quotes = min(self._quotes + 1, MAX_QUOTES)
        elif tag == "li":
            self._line.append("- ")
        elif tag in {"td", "th"} and self._line:
            self._line.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in _BLOCKS:
            self._end_line(forced=tag == "p")
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._line.append(data)

    def text(self) -> str:
        """What was collected; runs of empty lines as one."""
        self._end_line(forced=False)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _end_line(self, *, forced: bool) -> None:
        line = _BLANKS.sub(" ", "".join(self._line)).strip()
        self._line = []
        if line or forced:
            self._lines.append(f"{'>' * self._quotes} {line}".rstrip() if self._quotes else line)
