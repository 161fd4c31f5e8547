"""The condition as typed: positions, and the mistakes that the Python parser would explain badly or not at all.

Python's grammar is used only as a reader. A text is put in parentheses before it is parsed, so that line ends are
spaces and comments work; brackets are therefore balanced here first, or a text could close that parenthesis itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadrelay.domain.conditions.errors import ConditionError

MAX_TEXT = 2_000
MAX_DEPTH = 30

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<comment>\#[^\n]*)
      | (?P<bracket>[()\[\]{}])
      | (?P<quote>["'])
      | (?P<word>[^\W\d][\w.]*)
      | (?P<sign>[=!<>&|]+|[“”„‘’])""",
    re.VERBOSE,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Source:
    """A condition text with "\\n" line ends. Positions are character indexes into `text`."""

    text: str

    @classmethod
    def of(cls, text: str) -> Source:
        """The text with its line ends unified, checked for what must not reach the parser."""
        source = cls(text.replace("\r\n", "\n").replace("\r", "\n"))
        source._check_size()
        source._check_characters()
        source._check_brackets()
        return source

    def tokens(self) -> Iterator[tuple[str, str, int]]:
        """(kind, token, index) of texts, comments, brackets, words and signs; everything else is passed over."""
        for match in _TOKEN.finditer(self.text):
            yield match.lastgroup or "", match.group(), match.start()

    def start(self, line: int, byte: int) -> int:
        """Index of a parser position: 1-based line, UTF-8 byte column, in the text wrapped by `wrapped`."""
        lines = self.text.split("\n")
        before = sum(len(earlier) + 1 for earlier in lines[: line - 1])
        column = byte - 1 if line == 1 else byte
        return before + len(lines[line - 1].encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where a node of the parsed text begins and ends."""
        end_line, end_byte = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.start(node.lineno, node.col_offset), self.start(end_line, end_byte)

    def segment(self, node: ast.expr) -> str:
        """The text of a node, exactly as typed."""
        begin, end = self.span(node)
        return self.text[begin:end]

    def wrapped(self) -> str:
        """The text as the parser gets it."""
        return f"({self.text}\n)"

    def error(self, message: str, node: ast.expr, suggestion: str | None = None) -> ConditionError:
        """A `ConditionError` that underlines a node."""
        begin, end = self.span(node)
        return self.error_at(message, begin, end, suggestion)

    def error_at(
        self, message: str, begin: int, end: int | None = None, suggestion: str | None = None
    ) -> ConditionError:
        """A `ConditionError` that underlines text[begin:end], or one character."""
        line = self.text.count("\n", 0, begin) + 1
        first = self.text.rfind("\n", 0, begin) + 1
        newline = self.text.find("\n", begin)
        last = len(self.text) if newline < 0 else newline
        width = max(1, min(end if end is not None else begin + 1, last) - begin)
        return ConditionError(message, self.text, line, begin - first + 1, width, suggestion)

    def _check_size(self) -> None:
        if not self.text.strip():
            raise self.error_at("the condition is empty", 0)
        if len(self.text) > MAX_TEXT:
            raise self.error_at(f"longer than {MAX_TEXT} characters; split the condition into two rules", MAX_TEXT)

    def _check_characters(self) -> None:
        for index, char in enumerate(self.text):
            if char == "\x00" or "\ud800" <= char <= "\udfff":
                raise self.error_at(f"character U+{ord(char):04X} cannot be part of a condition", index)

    def _check_brackets(self) -> None:
        opened: list[tuple[str, int]] = []
        for kind, token, index in self.tokens():
            if kind == "quote":
                raise self.error_at("this text is not closed on its line", index)
            if kind != "bracket":
                continue
            if token not in _CLOSES:
                opened.append((token, index))
            elif not opened or opened.pop()[0] != _CLOSES[token]:
                raise self.error_at(f"'{token}' closes nothing", index)
            if len(opened) > MAX_DEPTH:
                raise self.error_at(f"brackets are nested deeper than {MAX_DEPTH}", index)
        if opened:
            raise self.error_at(f"'{opened[-1][0]}' is not closed", opened[-1][1])


def one_line(text: str) -> str:
    """A piece of a condition on one line: comments dropped, line ends as one space, quoted texts untouched."""
    bare = _TOKEN.sub(lambda match: "" if match.lastgroup == "comment" else match.group(), text)
    return re.sub(r"\s*\n\s*", " ", bare).strip()
