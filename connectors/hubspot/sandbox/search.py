"""The search index: what it finds, and how far it lags behind the records.

A changed record is not found until the index has caught up with it. HubSpot does not say how long that takes; here it
is `lag` seconds of the world's own clock, or, `ragged`, for each change some part of it: then the index overtakes
itself, as a distributed one does.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot.sandbox.errors import Bad, bad_input
from connectors.hubspot.sandbox.kinds import KINDS
from connectors.hubspot.sandbox.objects import properties_of, view
from leadrelay.local.crm_world import Record, Reply, World

LARGEST_PAGE = 200
DEEPEST = 10_000
MOST_GROUPS, MOST_IN_GROUP, MOST_FILTERS = 5, 6, 18
Test = Callable[[str, Any], bool]


def order(value: str) -> tuple[int, float, str]:
    """How values sort: numbers and times by size, text by its letters."""
    try:
        return 0, float(value), ""
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return 1, 0.0, value.lower()
    return 0, round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000), ""


TESTS: dict[str, Test] = {
    "EQ": lambda value, other: bool(value) and order(value) == order(other),
    "NEQ": lambda value, other: not value or order(value) != order(other),
    "GT": lambda value, other: bool(value) and order(value) > order(other),
    "GTE": lambda value, other: bool(value) and order(value) >= order(other),
    "LT": lambda value, other: bool(value) and order(value) < order(other),
    "LTE": lambda value, other: bool(value) and order(value) <= order(other),
    "IN": lambda value, other: value.lower() in {str(one).lower() for one in other},
    "NOT_IN": lambda value, other: bool(value) and value.lower() not in {str(one).lower() for one in other},
    "HAS_PROPERTY": lambda value, _: bool(value),
    "NOT_HAS_PROPERTY": lambda value, _: not value,
}


@dataclass(slots=True)
class Search:
    """POST /objects/{kind}/search over a world."""

    world: World
    lag: float = 0.0
    ragged: bool = False

    def find(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """A page of what matches any of the groups; at most 200 a page and 10,000 in all."""
        groups = _checked(body.get("filterGroups") or [])
        known = {*self.world.properties(kind), *_own(kind)}
        tests = [[_test(known, one) for one in group] for group in groups]
        limit, start = int(body.get("limit") or 10), int(body.get("after") or 0)
        if not 0 < limit <= LARGEST_PAGE:
            raise bad_input(f"limit is at most {LARGEST_PAGE}")
        if start + limit > DEEPEST:
            raise bad_input(f"a search shows at most {DEEPEST} results")
        found = [record for record in self.world.all(kind) if self._indexed(record) and _matches(record, tests)]
        found = _sorted(found, body.get("sorts") or [])
        names = [str(name) for name in body.get("properties") or []]
        answer: dict[str, Any] = {"total": len(found)}
        answer["results"] = [view(record, names) for record in found[start : start + limit]]
        if start + limit < len(found):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return Reply(200, answer)

    def _indexed(self, record: Record) -> bool:
        mark = f"{record.id} {record.updated_at.isoformat()}".encode()
        share = zlib.crc32(mark) % 101 / 100 if self.ragged else 1.0
        return record.updated_at + timedelta(seconds=self.lag * share) <= self.world.now()


def _own(kind: str) -> tuple[str, ...]:
    return "hs_object_id", KINDS[kind].created, KINDS[kind].changed, "hs_object_source"


def _checked(groups: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    filters = [list(group.get("filters") or []) for group in groups]
    if len(filters) > MOST_GROUPS or any(len(one) > MOST_IN_GROUP for one in filters):
        raise bad_input(f"at most {MOST_GROUPS} filterGroups of {MOST_IN_GROUP} filters")
    if sum(map(len, filters)) > MOST_FILTERS:
        raise bad_input(f"at most {MOST_FILTERS} filters")
    return filters


def _test(known: set[str], given: Mapping[str, Any]) -> Callable[[Mapping[str, str]], bool]:
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if name not in known:
        raise Bad(400, "VALIDATION_ERROR", f"There was a problem with the request: unknown property {name}")
    if operator not in TESTS:
        raise bad_input(f"Invalid operator {operator}")
    other = [str(one) for one in given.get("values") or []] if operator.endswith("IN") else str(given.get("value", ""))
    return lambda values: TESTS[operator](values.get(name, ""), other)


def _matches(record: Record, groups: Sequence[Sequence[Callable[[Mapping[str, str]], bool]]]) -> bool:
    values = properties_of(record)
    return not groups or any(all(test(values) for test in tests) for tests in groups)


def _sorted(found: list[Record], sorts: Sequence[Any]) -> list[Record]:
    """By one property at most, as HubSpot does: equals come in no promised order, here the newest first."""
    if len(sorts) > 1:
        raise bad_input("A search is sorted by one property at most")
    newest_first = sorted(found, key=lambda record: -int(record.id))
    for sort in sorts:
        given = sort if isinstance(sort, dict) else {"propertyName": str(sort)}
        backwards = given.get("direction") == "DESCENDING"
        name = str(given.get("propertyName", ""))
        return sorted(newest_first, key=lambda record: order(properties_of(record).get(name, "")), reverse=backwards)
    return newest_first
