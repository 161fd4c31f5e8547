"""Filters: what a report can be narrowed by, and the condition that does it.

A filter looks at the lead. Where the report's own row has a column of the filter's name (the rep of a clock, the source
of a touch), it looks at that: a lead has many owners, a clock has one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import get_args

from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, Condition

TRAITS: Mapping[str, str] = {
    "segment": "segment",
    "persona": "persona",
    "product": "product",
    "temperature": "temperature",
    "rep": "rep",
    "pool": "pool",
}
"""Filters that are a column of `lead_rows`."""

ATTRIBUTED = ("source", "channel", "class", "campaign", "form", "partner")
"""Filters whose column is that of the first or of the last touch."""

TEAM = "team"
"""The pools of a team of team.yaml."""

MISSING = ""
"""The value of a filter for what has none."""

Sql = tuple[str, Sequence[object]]
"""A condition, and the values of its question marks."""


class UnknownFilter(Exception):
    """The message says which filters there are."""


def filters(rules: Rules) -> tuple[str, ...]:
    """The id of every filter under these rules."""
    return reported(rules.fields)


def reported(fields: FieldsPolicy) -> tuple[str, ...]:
    """The id of every filter with these fields: one with `report: true` is a filter, too."""
    own = (name for name, field in fields.fields.items() if field.report)
    return (*ATTRIBUTED, *TRAITS, TEAM, *sorted(own))


def narrowed(asked: Asked, own: Collection[str], rules: Rules) -> Iterator[Sql]:
    """The conditions of what was asked, over rows with the columns `own`. Raises UnknownFilter."""
    for name, values in asked.where.items():
        if name not in filters(rules):
            raise UnknownFilter(f"no filter '{name}'; there are {', '.join(filters(rules))}")
        column, allowed = _meant(name, values, rules)
        if column in own and name not in ATTRIBUTED:
            yield _among(f'"{column}"', allowed)
        elif name in own:
            yield _among(f'"{name}"', allowed)
        else:
            condition, said = _among(_of_lead(column, asked), allowed)
            yield f"lead_id IN (SELECT lead_id FROM lead_rows WHERE {condition})", said


def _meant(name: str, values: Sequence[str], rules: Rules) -> tuple[str, Sequence[str]]:
    """The column and the values that a filter stands for."""
    if name != TEAM:
        return name, values
    return "pool", [pool.id for pool in rules.team.pools if (pool.team or MISSING) in values]


def _of_lead(column: str, asked: Asked) -> str:
    if column in ATTRIBUTED:
        return f"{asked.attribution}_{column}"
    if column in TRAITS:
        return column
    return f"json_extract_string(fields, '$.\"{column}\"')"


def _among(expression: str, values: Sequence[str]) -> Sql:
    """One of the values; an empty one stands for none."""
    marks = ", ".join("?" for _ in values) or "NULL"
    return f"coalesce({expression}, '') IN ({marks})", list(values)


_OPERATORS: Mapping[str, str] = {
    "is": "{} = ?",
    "known": "{} IS NOT NULL",
    "missing": "{} IS NULL",
    "ge": "{} >= ?",
    "lt": "{} < ?",
}


_WHOLE = 2**63
"""Numbers of the rows are smaller."""


def behind(conditions: Sequence[Condition], own: Mapping[str, object]) -> Iterator[Sql]:
    """The conditions of a line on the report's own rows, whose columns have these types. Raises UnknownFilter for a
    column that they do not have, or a value that it cannot have."""
    for each in conditions:
        if each.column not in own:
            raise UnknownFilter(f"the report has no column '{each.column}'; it has {', '.join(own)}")
        takes = each.op in ("is", "ge", "lt")
        if takes and not _fits(each.value, own[each.column]):
            raise UnknownFilter(f"the column '{each.column}' never has such a value; open the number again")
        yield _OPERATORS[each.op].format(f'"{each.column}"'), [each.value] if takes else []


def _fits(value: object, kind: object) -> bool:
    """Whether a value can be compared with a column of this type; nothing is equal to none, and so fits all."""
    kinds = get_args(kind) or (kind,)
    if value is None:
        return True
    if isinstance(value, str):
        return str in kinds
    return isinstance(value, int | float) and abs(value) < _WHOLE and not {int, float, bool}.isdisjoint(kinds)
