"""Text to syntax tree with the standard library's parser; its complaints are put into the words of a rule's author."""

from __future__ import annotations

import ast
import warnings

from leadrelay.domain.conditions.errors import ConditionError
from leadrelay.domain.conditions.source import Source

_FOREIGN = {
    "=": "==",
    "===": "==",
    "<>": "!=",
    "!==": "!=",
    "=>": ">=",
    "=<": "<=",
    "&&": "and",
    "||": "or",
    "!": "not",
    "AND": "and",
    "And": "and",
    "OR": "or",
    "Or": "or",
    "NOT": "not",
    "Not": "not",
    "IN": "in",
    "In": "in",
    **dict.fromkeys("“”„‘’", '"'),
}
"""What people bring along from spreadsheets, SQL and JavaScript, and how it is written here."""


def parse(source: Source) -> ast.expr:
    """The expression of a checked source. Raises ConditionError, whatever the parser itself raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a wrong escape such as "\d" is only a warning in Python
            node = ast.parse(source.wrapped(), mode="eval").body
    except SyntaxError as error:
        raise _foreign_word(source) or _syntax(source, error) from None
    except (RecursionError, MemoryError, ValueError):
        raise source.error_at("the condition is nested too deep or holds a number that is too long", 0) from None
    if (node.lineno, node.col_offset) == (1, 0):  # the added parentheses became a part of it: (), (a,), (a for a in b)
        raise source.error_at("this is not one condition; is a comma left over?", 0)
    return node


def _foreign_word(source: Source) -> ConditionError | None:
    for kind, token, index in source.tokens():
        if kind in ("word", "sign") and token in _FOREIGN:
            return source.error_at(f"'{token}' is not used in conditions", index, index + len(token), _FOREIGN[token])
    return None


def _syntax(source: Source, error: SyntaxError) -> ConditionError:
    text = source.text
    index = _index(source, error)
    if index >= len(text.rstrip()):
        return source.error_at("the condition is not finished", max(0, len(text.rstrip()) - 1))
    if error.msg.startswith("invalid syntax"):
        return source.error_at("cannot be read; is 'and', 'or', a comparison or a comma missing?", index)
    return source.error_at(f"cannot be read: {error.msg}", index)


def _index(source: Source, error: SyntaxError) -> int:
    """The parser counts lines and characters from 1, the opening parenthesis of the wrapped text included."""
    lines = source.text.split("\n")
    line = error.lineno or 1
    before = sum(len(earlier) + 1 for earlier in lines[: line - 1])
    column = (error.offset or 1) - (2 if line == 1 else 1)
    return min(before + max(0, column), len(source.text))
