"""What the columns of a list mean: by the names the rules know, and by what the person said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadrelay.domain.person import normal
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.translate import names_of
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.rulebook.problems import closest


class NotMapped(ValueError):
    """What was said about a column cannot be meant; the message tells why."""


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is our field, None where nobody knows the name: then it is kept as it was said. `said` is how the column
    is called in the touch, its own name or, where a person mapped it, our field's."""

    header: str
    field: str | None
    said: str
    by_hand: bool = False


def columns(
    headers: Sequence[str], wanted: Sequence[str], source: SourcePolicy, form: str | None, policy: FieldsPolicy
) -> tuple[Column, ...]:
    """The columns in the order of the file; `wanted` are a person's own `Column=lead.email`. Raises NotMapped."""
    by_hand = _by_hand(wanted, headers, policy)
    names = names_of(source, form, policy)
    return tuple(_column(header, by_hand, names) for header in headers)


def _column(header: str, by_hand: Mapping[str, str], names: Mapping[str, str]) -> Column:
    name = normal.field_name(header)
    if name in by_hand:
        return Column(header, by_hand[name], by_hand[name], by_hand=True)
    return Column(header, names.get(name), header)


def _by_hand(wanted: Sequence[str], headers: Sequence[str], policy: FieldsPolicy) -> dict[str, str]:
    """Column name in normal form -> our field. A name may hold "=" itself: the last one counts."""
    there = {normal.field_name(header): header for header in headers}
    found: dict[str, str] = {}
    for one in wanted:
        header, sign, field = (part.strip() for part in one.rpartition("="))
        if not sign:
            raise NotMapped(f"'{one}' names no field; write \"{one}=lead.email\"")
        if field not in policy.fields:
            raise NotMapped(f"there is no field '{field}'{_hint(closest(field, policy.fields))}")
        if normal.field_name(header) not in there:
            raise NotMapped(f"the file has no column '{header}'{_hint(closest(header, headers))}")
        found[normal.field_name(header)] = field
    return found


def _hint(meant: str | None) -> str:
    return f"; did you mean '{meant}'?" if meant else ""
