"""WHERE: a condition tree becomes a test of rows; values must be of the field's type, as in Salesforce."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors.salesforce.sandbox.columns import NUMBERS, Column
from connectors.salesforce.sandbox.errors import Bad
from connectors.salesforce.sandbox.ids import is_id, long_form
from connectors.salesforce.sandbox.store import Row
from connectors.salesforce.sandbox.tree import Compare, Condition, Select, Value

Test = Callable[[Row], bool]
Reader = Callable[[Row], str]
TYPES = {"datetime": "dateTime", "date": "date", "boolean": "boolean"}
LITERALS = {"datetime": {"time", "words"}, "date": {"date", "words"}, "boolean": {"boolean"}}
UNQUOTED = "and should not be enclosed in quotes"
QUOTED = "and should be enclosed in quotes"
DAY = timedelta(days=1)
Span = tuple[Any, Any]
# An exact value is a span of its own; a relative date is from its first moment to before its end.
SPANS: dict[str, Callable[[Any, Span], bool]] = {
    "=": lambda one, span: span[0] == one or span[0] <= one < span[1],
    "<": lambda one, span: one < span[0],
    "<=": lambda one, span: one < span[1] or one == span[0],
    ">": lambda one, span: one >= span[1] and one != span[0],
    ">=": lambda one, span: one >= span[0],
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Makes tests for one object. `path` finds a field and its reader, `chosen` answers a sub-select with values."""

    path: Callable[[str], tuple[Column, Reader]]
    chosen: Callable[[Select], set[str]]
    now: datetime

    def test(self, condition: Condition) -> Test:
        """The test for a condition. Raises Bad for an unknown field or a value of the wrong type."""
        if isinstance(condition, Compare):
            return self._compare(condition)
        tests = [self.test(part) for part in condition.parts]
        if condition.word == "NOT":
            return lambda row: not tests[0](row)
        joined = all if condition.word == "AND" else any
        return lambda row: joined(test(row) for test in tests)

    def _compare(self, compare: Compare) -> Test:
        column, read = self.path(compare.path)
        if column.type == "textarea" and column.length > 255:
            raise Bad(400, "INVALID_FIELD", f"field '{column.name}' can not be filtered in a query call")
        if compare.operator.endswith("IN"):
            return self._among(compare, column, read)
        [value] = compare.values
        if compare.operator == "LIKE":
            pattern = _like(_typed(column, value))
            return lambda row: bool(pattern.fullmatch(read(row)))
        if value.kind == "null":
            return _empty(compare.operator, column, read)
        return self._ordered(compare.operator, column, read, value)

    def _among(self, compare: Compare, column: Column, read: Reader) -> Test:
        if compare.select is not None:
            wanted = self.chosen(compare.select)
        else:
            wanted = {comparable(column, _typed(column, value)) for value in compare.values if value.kind != "null"}
        negated = compare.operator == "NOT IN"
        return lambda row: (bool(text := read(row)) and comparable(column, text) in wanted) is not negated

    def _ordered(self, operator: str, column: Column, read: Reader, value: Value) -> Test:
        if column.type == "boolean" and operator not in {"=", "!="}:
            raise Bad(400, "INVALID_FIELD", f"'{operator}' is not valid for the boolean field {column.name}")
        span = self._span(column, value)
        compared = SPANS["=" if operator == "!=" else operator]

        def test(row: Row) -> bool:
            text = read(row) or ("false" if column.type == "boolean" else "")
            if not text:
                return operator == "!="
            return compared(comparable(column, text), span) is not (operator == "!=")

        return test

    def _span(self, column: Column, value: Value) -> Span:
        if value.kind != "words":
            exact = comparable(column, _typed(column, value))
            return exact, exact
        _typed(column, value)
        first, last = _days(value.value, self.now.astimezone(UTC).date())
        if column.type == "date":
            return first, last + DAY
        return datetime.combine(first, time(), UTC), datetime.combine(last + DAY, time(), UTC)


def comparable(column: Column, text: str) -> Any:
    """What a kept text is compared as."""
    if column.type in NUMBERS:
        return float(text)
    if column.type == "datetime":
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if column.type == "date":
        return date.fromisoformat(text[:10])
    if column.type in {"id", "reference"}:
        return long_form(text)
    return text.lower()


def _typed(column: Column, value: Value) -> str:
    wanted = LITERALS.get(column.type, {"number"} if column.type in NUMBERS else {"text"})
    if value.kind not in wanted:
        quotes = QUOTED if wanted == {"text"} else UNQUOTED
        message = f"value of filter criterion for field '{column.name}' must be of type "
        raise Bad(400, "INVALID_FIELD", f"{message}{TYPES.get(column.type, column.type)} {quotes}")
    if column.type in {"id", "reference"} and not is_id(value.value):
        raise Bad(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value.value}")
    return value.value


def _empty(operator: str, column: Column, read: Reader) -> Test:
    if operator not in {"=", "!="}:
        raise Bad(400, "MALFORMED_QUERY", f"{operator} is not valid with null for {column.name}")
    return lambda row: bool(read(row)) is (operator == "!=")


def _like(pattern: str) -> re.Pattern[str]:
    r"""`%` any characters, `_` one; `\%` and `\_` themselves. Case does not matter."""
    parts = re.findall(r"\\[%_]|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.IGNORECASE | re.DOTALL)


def _days(words: str, today: date) -> tuple[date, date]:
    name, _, number = words.partition(":")
    days = timedelta(days=int(number or 1))
    spans = {"TODAY": (today, today), "YESTERDAY": (today - DAY, today - DAY), "TOMORROW": (today + DAY, today + DAY)}
    return spans.get(name) or ((today - days, today) if name == "LAST_N_DAYS" else (today + DAY, today + days))
