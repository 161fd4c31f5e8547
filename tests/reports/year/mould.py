"""Facts by the hundred thousand: each kind is said once by its real class and flattened by the lake's own `row`; the
others like it differ only in their numbers, times and ids, which are put into that row's place.

So a year takes seconds, and what a column is called or holds is never written down a second time here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from leadrelay.domain.facts import Context, Fact, say
from leadrelay.domain.vocabulary import FACTS
from leadrelay.workflows.lake import row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = 7_000_000_001
_MS = timedelta(milliseconds=1)
_BEGIN = 1_100_000_000_000


class Id(str):
    """A text that differs from fact to fact."""

    __slots__ = ()


class Ms(int):
    """A time, in milliseconds since 1970 (UTC)."""

    __slots__ = ()


class Codes(tuple[tuple[str, str], ...]):
    """A mapping, as pairs: what is told is looked up by its shape, so it must have a hash."""

    __slots__ = ()


_ENVELOPE = 5
"""Log, version, number, time and lead: what every fact has."""

_VARYING = frozenset({Id, Ms, int, float})
_UNREAD = frozenset({"data", "occurred_at", "due_at", "correlation_id", "causation_id", "rules_version", "schema"})

Values = Mapping[str, Any]
"""A fact's fields; a dot leads into what a field is made of."""


def nested(values: Values) -> dict[str, Any]:
    """As the class of the fact takes them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Ms):
        return moment(value)
    return dict(value) if isinstance(value, Codes) else value


def moment(ms: int) -> datetime:
    """The same time as the workflows know it."""
    return EPOCH + ms * _MS


def real(name: str, values: Values) -> Fact:
    """By its class, judged by all that the class asks for."""
    return FACTS[name].model_validate(nested(values))


def said_row(name: str, values: Values, log: str, lead: str | None, number: int, at: int) -> dict[str, object]:
    """The lake's row of one fact, made by the real code throughout."""
    context = Context(correlation_id="year", causation_id="year", rules_version="year", at=moment(at))
    said = say([real(name, values)], log, lead, context)[0]
    fact_id = f"{log}.{number}"
    return dict(row(said.with_(metadata=said.metadata.with_(fact_id=fact_id))))


class Moulds:
    """Lines of JSON, one per fact; what is null is left out, and so is what no statement reads."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Mould] = {}

    def line(self, name: str, values: Values, log: tuple[str, int], lead: str | None, number: int, at: int) -> str:
        """`log` is its name and version; `number` the fact's place in that commit."""
        shape = [each.__class__ if each.__class__ in _VARYING else each for each in values.values()]
        key = (name, lead is None, *values, *shape)
        mould = self._made.get(key)
        if mould is None:
            mould = self._made[key] = Mould(name, values, lead)
        return mould.line((log[0], log[1], number, at, lead, *values.values()))


def kept(flat: Mapping[str, object]) -> dict[str, object]:
    """What of a row is written: what reports can read of it."""
    return {column: value for column, value in flat.items() if value is not None and column not in _UNREAD}


class Mould:
    """One row with holes."""

    def __init__(self, name: str, values: Values, lead: str | None) -> None:
        probes = list(_probes(values))
        named = dict(zip(values, probes, strict=True))
        log, version, number, at = (f"log{_FIRST}", _FIRST + 1, _FIRST + 2, _BEGIN)
        told_lead = None if lead is None else f"lead{_FIRST + 3}"
        flat = said_row(name, named, f"{log}:{version}", told_lead, number, at)
        told = [log, version, number, at, told_lead, *probes]
        holes = {str(value): place for place, value in enumerate(told) if _differs(place, value)}
        found = re.compile("|".join(re.escape(each) for each in sorted(holes, key=len, reverse=True)))
        text = json.dumps(kept(flat))
        self._template = "%s".join(part.replace("%", "%%") for part in found.split(text)) + "\n"
        self._taken = itemgetter(*(holes[each] for each in found.findall(text)))

    def line(self, values: tuple[Any, ...]) -> str:
        """With these values in the holes."""
        line: str = self._template % self._taken(values)
        return line


def _differs(place: int, value: object) -> bool:
    return value is not None and (place < _ENVELOPE or value.__class__ in _VARYING)


def _probes(values: Values) -> Iterator[object]:
    """What no real fact would hold, each of the kind that is asked for."""
    for place, value in enumerate(values.values()):
        if isinstance(value, Ms):
            yield Ms(_BEGIN + (place + 1) * 86_461_001)
        elif isinstance(value, Id):
            yield Id(f"id{_FIRST + 10 + place}")
        elif value.__class__ in _VARYING:
            yield _FIRST + 10 + place
        else:
            yield value
