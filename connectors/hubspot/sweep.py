"""Walking through what changed, by the time of the change, so that nothing is missed.

The search index is not to be trusted: it lags, many records change in the same millisecond, records change again while
one reads, only one sort is taken, and no search shows more than 10,000. Therefore:

- Pages are cut by time, never by offset: what changes meanwhile only moves ahead of us.
- A page that holds one single millisecond is followed by id through that millisecond.
- A sweep that has come to its end begins again behind where it began to see: `begin` lies `OVERLAP` before the newest
  change that was known when the sweep started. That bound needs no clock. Where nothing happens, our own clock moves it
  on, with `SKEW` allowed for its error.

What is read twice has the same key, and is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

OVERLAP = 60_000
"""Milliseconds by which the search index may lag."""
SKEW = 240_000
"""Milliseconds by which our clock may be ahead of HubSpot's."""
NEW = 600_000
"""Milliseconds before its sweep in which a record may have been made that is still new to us."""
PAGE = 200
ID = "hs_object_id"


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are with one kind of record; times in milliseconds since 1970, as HubSpot writes them.

    `start` of this sweep; `at`, from which it reads on; `tie`, the last id read among those changed at `at` (None: not
    following one millisecond); `begin` of the next sweep; `newest` change seen.
    """

    start: int
    at: int
    begin: int
    newest: int
    tie: int | None = None

    @property
    def new_from(self) -> int:
        """Who was made since then may not have been seen before."""
        return self.start - NEW


def first(now: datetime) -> Place:
    """Now, but for what the index may hold back and our clock may be ahead: what was there before is left alone."""
    at = milliseconds(now) - OVERLAP - SKEW
    return Place(at, at, at, at)


def question(place: Place, changed: str, properties: Sequence[str]) -> dict[str, Any]:
    """The search for the next page; `changed` is the property with the time of the last change."""
    since: dict[str, str] = {"propertyName": changed, "operator": "GTE", "value": str(place.at)}
    filters, by = [since], changed
    if place.tie is not None:
        until = {**since, "operator": "LTE"}
        filters, by = [since, until, {"propertyName": ID, "operator": "GT", "value": str(place.tie)}], ID
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
        "properties": [*properties, changed],
        "limit": PAGE,
    }


def after(place: Place, page: Sequence[tuple[int, int]], now: datetime) -> Place:
    """The place behind a page of (time of change, id), in the order in which it came."""
    seen = replace(place, newest=max([place.newest, *(at for at, _ in page)]))
    full = len(page) >= PAGE
    if place.tie is not None:
        return (
            replace(seen, tie=max(number for _, number in page)) if full else replace(seen, tie=None, at=place.at + 1)
        )
    if not full:
        begin = max(seen.begin, seen.newest - OVERLAP, milliseconds(now) - OVERLAP - SKEW)
        return Place(start=seen.begin, at=seen.begin, begin=begin, newest=seen.newest)
    last = page[-1][0]
    return replace(seen, at=last) if last > place.at else replace(seen, tie=0)


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return round(at.timestamp() * 1000)


def read(given: Mapping[str, Any]) -> Place:
    """A place from a cursor. Raises KeyError, TypeError or ValueError where it is none."""
    tie = given["tie"]
    start, at, begin, newest = (int(given[name]) for name in ("start", "at", "begin", "newest"))
    return Place(start, at, begin, newest, None if tie is None else int(tie))
