"""The part of the rules' page that says whose a lead is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.tables import COLUMNS, Row
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.markdown import code, table


def routing(rules: Rules) -> Iterator[str]:
    """The rules in their order, and the tables they name."""
    yield from ("## Whose it is", "", "The first rule that holds decides.", "")
    rows = [
        (
            n,
            rule.says,
            code(rule.if_),
            _to(rule),
            "yes" if rule.hand_off else "",
        )
        for n, rule in enumerate(rules.routing.rules, 1)
    ]
    yield from table(("", "rule", "if", "to", "hand-over"), rows)
    for name, one in rules.routing.tables.items():
        columns = [column for column in COLUMNS if any(column in row.cells for row in one.rows)]
        yield from (f"Table `{name}`, by the {_HITS[one.hit]} row that holds:", "")
        yield from table(("", *columns, "to", "says"), [_row(number, row, columns) for number, row in one.named()])


_HITS = {"first": "first", "unique": "only"}


def _row(name: str, row: Row, columns: Iterable[str]) -> tuple[object, ...]:
    cells = (", ".join(row.cells.get(column, ("any",))) for column in columns)
    return (name, *cells, _to(row), row.says or "")


def _to(place: RouteRule | Row) -> str:
    if isinstance(place, RouteRule) and place.table is not None:
        return f"table {place.table}"
    return place.pool or place.rep or f"{place.queue} (queue)"
