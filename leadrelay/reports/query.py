"""What a reader asks, as the query of an address: `?since=2026-11-01&until=2026-11-30&by=activity&source=meta`.

A parameter that nobody knows is refused: a filter that is silently left out shows wrong numbers as right ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.asked import Asked, DateBy

DAYS = 30
"""Days that are meant where none are named, today among them."""

LONGEST = 3_660
"""Days."""

MOST = 100
"""Cases of a kind that are shown one by one."""

_FEW = re.compile("[0-9]{1,9}")

_DATES: tuple[DateBy, ...] = ("capture", "activity")
_ATTRIBUTIONS: tuple[Literal["first", "last"], ...] = ("first", "last")
_OWN = ("since", "until", "by", "attribution")
_EARLIEST, _LATEST = date(1970, 1, 1), date(2999, 12, 31)
"""Beyond these a calendar ends sooner or later."""

T = TypeVar("T", bound=str)


class NotAsked(ValueError):
    """The query cannot be understood; the message tells its writer what to change."""


def asked_of(
    query: Iterable[tuple[str, str]],
    filters: Collection[str],
    policy: ReportsPolicy,
    now: datetime,
    takes: Mapping[str, int] = MappingProxyType({}),
) -> Asked:
    """The question that these parameters are; `filters` are the ids of those that the report knows, `takes` its kinds
    of cases (`Definition.takes`). Without days, the last thirty (of `policy.zone`, `now` is UTC). A filter's values
    come one by one or with commas between them; an empty one is none. Raises NotAsked."""
    said = _said(query, (*filters, *takes))
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    until = _day("until", said, today)
    since = _day("since", said, until - timedelta(days=DAYS - 1))
    if not 0 <= (until - since).days < LONGEST:
        raise NotAsked(f"since={since} until={until}: name at least one day, and at most {LONGEST}")
    return Asked(
        since=since,
        until=until,
        zone=policy.zone,
        date_by=_one_of("by", said, _DATES, "capture"),
        attribution=_one_of("attribution", said, _ATTRIBUTIONS, policy.attribution),
        where={name: tuple(dict.fromkeys(values)) for name, values in said.items() if name not in (*_OWN, *takes)},
        currency=policy.currency,
        take={name: _number(name, said, default) for name, default in takes.items()},
    )


def query_of(asked: Asked, **changes: str) -> str:
    """The query that asks this again, with some parameters changed; an empty text takes one out."""
    pairs = {
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "by": asked.date_by,
        "attribution": asked.attribution,
        **{name: ",".join(values) for name, values in sorted(asked.where.items())},
        **{name: str(number) for name, number in asked.take.items()},
        **changes,
    }
    return urlencode({name: value for name, value in pairs.items() if value})


def _said(query: Iterable[tuple[str, str]], filters: Collection[str]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for name, text in query:
        if name not in _OWN and name not in filters:
            raise NotAsked(f"unknown parameter '{name}'; there are {', '.join((*_OWN, *sorted(filters)))}")
        values = [value.strip() for value in text.split(",") if value.strip()]
        if values:
            said.setdefault(name, []).extend(values)
    return said


def _one(name: str, said: Mapping[str, list[str]]) -> str | None:
    values = said.get(name, [])
    if len(set(values)) > 1:
        raise NotAsked(f"{name} is given more than once")
    return values[0] if values else None


def _number(name: str, said: Mapping[str, list[str]], default: int) -> int:
    text = _one(name, said)
    if text is not None and not (_FEW.fullmatch(text) and 1 <= int(text) <= MOST):
        raise NotAsked(f"{name} must be a number from 1 to {MOST}")
    return default if text is None else int(text)


def _day(name: str, said: Mapping[str, list[str]], default: date) -> date:
    text = _one(name, said)
    try:
        day = default if text is None else date.fromisoformat(text)
    except ValueError:
        raise NotAsked(f"{name} must be a day such as 2026-11-30") from None
    if not _EARLIEST <= day <= _LATEST:
        raise NotAsked(f"{name} must be a day from {_EARLIEST} to {_LATEST}")
    return day


def _one_of(name: str, said: Mapping[str, list[str]], choices: Sequence[T], default: T) -> T:
    value = _one(name, said) or default
    for choice in choices:
        if choice == value:
            return choice
    raise NotAsked(f"{name} must be {' or '.join(choices)}")
