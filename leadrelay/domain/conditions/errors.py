"""The one error of the condition language. It is read by the person who wrote the rule, so it points at the place."""

from __future__ import annotations

_WIDEST = 100


class ConditionError(ValueError):
    """A condition text that cannot be used.

    Attributes:
        message: what is wrong, one line.
        text: the whole condition, its line ends written as "\\n".
        line, column: where it is wrong in `text`, both counted from 1, columns in characters.
        width: how many characters are wrong, at least 1, never beyond the line.
        suggestion: what was probably meant (a field, a function, an operator), or None.

    `str(error)` is the message with position and suggestion, the source line, and a caret underline.
    """

    def __init__(
        self, message: str, text: str, line: int = 1, column: int = 1, width: int = 1, suggestion: str | None = None
    ) -> None:
        super().__init__(message, text, line, column, width, suggestion)
        self.message = message
        self.text = text
        self.line = line
        self.column = column
        self.width = width
        self.suggestion = suggestion

    def __str__(self) -> str:
        hint = f"; did you mean '{self.suggestion}'?" if self.suggestion else ""
        where = f"{self.message} (line {self.line}, column {self.column}){hint}"
        if not self.text.strip():
            return where
        excerpt, pad, width = self._excerpt()
        return _printable(f"{where}\n  {excerpt}\n  {pad}{'^' * width}")

    def _excerpt(self) -> tuple[str, str, int]:
        """The wrong line cut to a readable width, what stands before the caret (tabs stay tabs), the caret's width."""
        lines = self.text.split("\n")
        line = lines[self.line - 1] if self.line <= len(lines) else ""
        start = self.column - 1
        cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
        shown = line[cut : cut + _WIDEST]
        pad = "".join("\t" if char == "\t" else " " for char in shown[: start - cut])
        return shown, pad, max(1, min(self.width, len(shown) - (start - cut)))


def _printable(text: str) -> str:
    """A text that any log or terminal can encode, whatever was typed."""
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return safe.replace("\x00", "\\x00")
