"""The part of SOQL that the sandbox speaks, parsed into a tree; what it does not speak is MALFORMED_QUERY.

SELECT field, Parent.Field, COUNT(Id) alias, MAX(Amount) | COUNT() FROM Object
[WHERE conditions with AND, OR, NOT, (), =, !=, <, <=, >, >=, LIKE, IN, NOT IN, NULL, dates, sub-selects of ids]
[GROUP BY field] [ORDER BY field [ASC|DESC] [NULLS FIRST|LAST]] [LIMIT n] [OFFSET n]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from connectors.salesforce.sandbox.errors import Bad
from connectors.salesforce.sandbox.tree import Compare, Condition, Item, Junction, Order, Select, Value

T = TypeVar("T")
TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*(?::\d+)?)"
    r"|(?P<mark><=|>=|!=|<>|[=<>(),]))"
)
ESCAPES = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "'": "'",
    '"': '"',
    "\\": "\\",
    "%": "\\%",
    "_": "\\_",
}
LONGEST = 100_000
FUNCTIONS = frozenset({"COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM", "AVG"})
WORDS = re.compile(r"(?:TODAY|YESTERDAY|TOMORROW|LAST_N_DAYS:\d{1,5}|NEXT_N_DAYS:\d{1,5})", re.IGNORECASE)


def malformed(message: str) -> Bad:
    """A query that Salesforce cannot parse."""
    return Bad(400, "MALFORMED_QUERY", message)


def parsed(text: str) -> Select:
    """The tree of a query. Raises Bad."""
    if len(text) > LONGEST:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    parser = _Parser(list(_tokens(text)))
    select = parser.select()
    parser.end()
    return select


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if found is None:
            raise malformed(f"unexpected token: '{text[place:].strip()[:20]}'")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        place = found.end()


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0

    def select(self) -> Select:
        self._word("SELECT")
        items = self._listed(self._item)
        self._word("FROM")
        kind = self._name()
        where = self._condition() if self._took("WHERE") else None
        groups = self._by("GROUP", self._name)
        orders = self._by("ORDER", self._order)
        limit = self._whole() if self._took("LIMIT") else None
        offset = self._whole() if self._took("OFFSET") else 0
        return Select(items, kind, where, groups, orders, limit, offset)

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise self._unexpected()

    # -- clauses

    def _item(self) -> Item:
        name = self._name()
        if name.upper() not in FUNCTIONS or not self._took("("):
            return Item(name)
        path = "" if self._peek() == ")" else self._name()
        self._word(")")
        has_alias = self._is_name() and self._peek().upper() != "FROM"
        return Item(path, name.upper(), self._name() if has_alias else "")

    def _order(self) -> Order:
        path = self._name()
        descending = self._took("DESC")
        if not descending:
            self._took("ASC")
        if not self._took("NULLS"):
            return Order(path, descending)
        last = self._took("LAST")
        if not last:
            self._word("FIRST")
        return Order(path, descending, last)

    def _condition(self) -> Condition:
        parts, words = [self._one()], set[str]()
        while (word := self._peek().upper()) in {"AND", "OR"}:
            words.add(word)
            self._place += 1
            parts.append(self._one())
        if len(words) > 1:
            raise malformed("unexpected token: OR and AND need parentheses where they meet")
        return Junction(words.pop(), tuple(parts)) if words else parts[0]

    def _one(self) -> Condition:
        if self._took("NOT"):
            return Junction("NOT", (self._one(),))
        if self._took("("):
            inside = self._condition()
            self._word(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Compare:
        path = self._name()
        negated = self._took("NOT")
        operator = self._next().upper()
        if operator == "IN":
            return self._among(path, "NOT IN" if negated else "IN")
        if negated or operator not in {"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"}:
            self._place -= 1
            raise self._unexpected()
        return Compare(path, "!=" if operator == "<>" else operator, (self._literal(),))

    def _among(self, path: str, operator: str) -> Compare:
        self._word("(")
        if self._peek().upper() == "SELECT":
            inner = self.select()
            self._word(")")
            return Compare(path, operator, select=inner)
        values = self._listed(self._literal)
        self._word(")")
        return Compare(path, operator, values)

    def _literal(self) -> Value:
        if self._place >= len(self._tokens):
            raise self._unexpected()
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "text":
            return Value("text", re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1]))
        if kind in {"number", "time", "date"}:
            return Value(kind, text)  # type: ignore[arg-type]  # just checked
        if text.upper() in {"TRUE", "FALSE"}:
            return Value("boolean", text.lower())
        if text.upper() == "NULL":
            return Value("null", "")
        if WORDS.fullmatch(text):
            return Value("words", text.upper())
        self._place -= 1
        raise self._unexpected()

    # -- tokens

    def _by(self, word: str, read: Callable[[], T]) -> tuple[T, ...]:
        if not self._took(word):
            return ()
        self._word("BY")
        return self._listed(read)

    def _listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        found = [read()]
        while self._took(","):
            found.append(read())
        return tuple(found)

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _is_name(self) -> bool:
        return self._place < len(self._tokens) and self._tokens[self._place][0] == "name"

    def _next(self) -> str:
        text = self._peek()
        self._place += 1
        return text

    def _took(self, word: str) -> bool:
        if self._peek().upper() != word or (word.isalpha() and not self._is_name()):
            return False
        self._place += 1
        return True

    def _word(self, word: str) -> None:
        if not self._took(word):
            raise self._unexpected()

    def _name(self) -> str:
        if not self._is_name():
            raise self._unexpected()
        return self._next()

    def _whole(self) -> int:
        text = self._next()
        if not text.isdigit():
            self._place -= 1
            raise self._unexpected()
        return int(text)

    def _unexpected(self) -> Bad:
        return malformed(f"unexpected token: '{self._peek() or '<EOF>'}'")
