"""Decision tables of `routing.yaml`: whose a lead is by where it is and what it asks for, one row for each answer.

A table says in lines what rules would say in pages. The words are those of the usual decision tables: a cell that is
empty holds for everybody, and the hit policy says what happens where several rows hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from leadrelay.domain.model import Model

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "country": ("account.country", "lead.country"),
    "region": ("account.region",),
    "postcode": ("lead.postcode",),
    "language": ("lead.language",),
    "segment": ("lead.segment",),
    "industry": ("account.industry",),
    "product": ("touch.product", "lead.product"),
    "source": ("touch.source",),
    "channel": ("touch.channel",),
    "channel_class": ("touch.channel_class",),
    "partner": ("touch.partner",),
    "domain": ("account.domain", "lead.email_domain"),
}
"""Column -> the fields it asks for: the first that is known, of `domain` all."""

DESTINATIONS = ("pool", "rep", "queue")
"""Where a row or a rule may lead to."""

TO = ".."
"""Between the first and the last postcode of a range."""

_HYPHEN = re.compile(r"(\w+)-(\w+)")


def _cell(written: object) -> object:
    """A cell as people write it: one value, several with "|" between them, or a list."""
    several = written.split("|") if isinstance(written, str) else written
    if isinstance(several, int) and not isinstance(several, bool):
        several = [several]
    if not isinstance(several, list | tuple):
        return written
    plain = (str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in several)
    return tuple(one.strip() if isinstance(one, str) else one for one in plain if one != "")


def _postcodes(written: object) -> object:
    found = _cell(written)
    return tuple(map(_range, found)) if isinstance(found, tuple) else found


def _range(written: object) -> object:
    """A beginning or a range, without the signs that people put into postcodes."""
    if not isinstance(written, str):
        return written
    parts = [_bare(part) for part in written.split(TO)]
    twice = _HYPHEN.fullmatch(written)
    if len(parts) == 1 and twice is not None and len(twice[1]) == len(twice[2]):
        raise ValueError(f"'{written}' may be a range; write {twice[1]}{TO}{twice[2]}, or {parts[0]} for a beginning")
    if not all(parts) or len(parts) > 2 or len(parts[0]) != len(parts[-1]) or parts[0] > parts[-1]:
        raise ValueError(f"'{written}': write how postcodes begin, such as 11, or from and to, such as 00-001..05-999")
    return TO.join(parts)


def _bare(postcode: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", postcode.upper())


_WRITTEN = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": ["string", "integer"]}}]}
)
Cell = Annotated[tuple[str, ...], BeforeValidator(_cell), _WRITTEN]
Postcodes = Annotated[tuple[str, ...], BeforeValidator(_postcodes), _WRITTEN]


class Row(Model):
    """Holds for a lead when every cell does that is not empty; leads to exactly one of `pool`, `rep`, `queue`.

    A cell holds when the lead's value is among its values. `postcode` has beginnings ("11") and ranges
    ("00-001..05-999") of the one `country` beside it. `id` names the row in decisions, else its number does.
    """

    id: str | None = None
    country: Cell = ()
    region: Cell = ()
    postcode: Postcodes = ()
    language: Cell = ()
    segment: Cell = ()
    industry: Cell = ()
    product: Cell = ()
    source: Cell = ()
    channel: Cell = ()
    channel_class: Cell = ()
    partner: Cell = ()
    domain: Cell = ()
    pool: str | None = None
    rep: str | None = None
    queue: str | None = None
    says: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(getattr(self, place) is not None for place in DESTINATIONS) != 1:
            raise ValueError("give exactly one of pool, rep, queue")
        if self.postcode and len(self.country) != 1:
            raise ValueError("a postcode means something in one country only; name it in `country`")
        return self

    @cached_property
    def cells(self) -> dict[str, tuple[str, ...]]:
        """The columns in which the row asks for something."""
        return {column: cell for column in COLUMNS if (cell := getattr(self, column))}

    def holds(self, known: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether it holds for a lead of whom this is `known`, as `asked_of` tells."""
        return all(_fits(column, cell, known.get(column, ())) for column, cell in self.cells.items())

    def covers(self, other: Row) -> bool:
        """Whether it holds wherever the other does."""
        theirs = other.cells
        return all(_includes(column, cell, theirs.get(column)) for column, cell in self.cells.items())

    def meets(self, other: Row) -> bool:
        """Whether both can hold for one lead."""
        theirs = other.cells
        both = ((column, cell, theirs[column]) for column, cell in self.cells.items() if column in theirs)
        return all(_share(column, one, another) for column, one, another in both)


class Table(Model):
    """`rows` in order, or the CSV `file` beside routing.yaml that has them. `hit` first: the first row that holds
    decides; unique: no two rows may hold for one lead, but for the last, which takes what is left. `otherwise` says
    that there is no such row: a lead that no row holds for goes on to the next rule."""

    file: str | None = Field(default=None, pattern=r"^[a-z0-9_]+\.csv$")
    hit: Literal["first", "unique"] = "first"
    otherwise: Literal["next_rule"] | None = None
    rows: tuple[Row, ...] = ()

    def row(self, seen: Mapping[str, object]) -> tuple[str, Row] | None:
        """The row that decides, with its name; None where no row holds."""
        known = asked_of(seen)
        return next(((name, row) for name, row in self.named() if row.holds(known)), None)

    def named(self) -> Iterator[tuple[str, Row]]:
        """The rows in order, each with its id or its number."""
        return ((row.id or str(number), row) for number, row in enumerate(self.rows, 1))


def asked_of(seen: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """What a table can ask of a lead, by column; what is not known is left out. Postcodes as rows have them."""
    found = {column: _known(seen, fields) for column, fields in COLUMNS.items()}
    found["postcode"] = tuple(map(_bare, found["postcode"]))
    return {column: values if column == "domain" else values[:1] for column, values in found.items() if values}


def _known(seen: Mapping[str, object], fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(seen[field]) for field in fields if seen.get(field) is not None)


def _fits(column: str, cell: tuple[str, ...], values: tuple[str, ...]) -> bool:
    if column == "postcode":
        return any(_within(value, _bounds(each)) for value in values for each in cell)
    return any(value in cell for value in values)


def _bounds(written: str) -> tuple[str, str]:
    first, _, last = written.partition(TO)
    return first, last or first


def _within(postcode: str, bounds: tuple[str, str]) -> bool:
    first, last = bounds
    return len(postcode) >= len(first) and first <= postcode[: len(first)] <= last


def _includes(column: str, cell: tuple[str, ...], theirs: tuple[str, ...] | None) -> bool:
    if theirs is None or column != "postcode":
        return theirs is not None and set(theirs) <= set(cell)
    return all(any(_inside(_bounds(each), _bounds(ours)) for ours in cell) for each in theirs)


def _inside(inner: tuple[str, str], outer: tuple[str, str]) -> bool:
    """A longer beginning is part of a shorter one."""
    return _within(inner[0], outer) and _within(inner[1], outer)


def _share(column: str, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if column != "postcode":
        return bool(set(one) & set(other))
    return any(_overlap(_bounds(each), _bounds(another)) for each in one for another in other)


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Compared over as many signs as both have."""
    length = min(len(one[0]), len(other[0]))
    return one[0][:length] <= other[1][:length] and other[0][:length] <= one[1][:length]
