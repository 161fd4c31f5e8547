"""How a deadline came about: what was counted, and which days were not.

A value and no text, so that every language can tell it; `leadrelay.domain.card.deadline` tells it in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from leadrelay.domain.clocks.business_time import Calendar, Interval
from leadrelay.domain.clocks.calendar_spec import ClosedBy
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.timing import stood_still
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.rules import Rules

Basis = Literal["business", "elapsed", "callback", "planned"]
"""Counted in open hours; counted without pause; the time at which they asked to be called; set for a day."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Closed(Model):
    """Local dates in a row, `first` to `last`, that the same thing closed all day."""

    first: date
    last: date
    by: ClosedBy


class Gap(Model):
    """Time (UTC) within which nothing was counted, because it was closed."""

    start: Instant
    end: Instant


class Reckoning(Model):
    """A deadline and how it was reckoned, to be told on the clocks of `zone` (IANA).

    `seconds` were counted from `started_at` to `due_at` (UTC), open ones or elapsed by `basis`; None where nothing was.
    `gaps` were left out in between, earliest first, and `closed` are the whole local dates of the calendar among them.
    It stood still for `paused` seconds of that time; while it does, `left` remain and `due_at` says nothing.
    `asked_for` (UTC) is when they asked to be called.
    """

    kind: ClockKind
    basis: Basis
    zone: str
    started_at: Instant
    due_at: Instant
    seconds: int | None = None
    paused: int = 0
    left: int | None = None
    gaps: tuple[Gap, ...] = ()
    closed: tuple[Closed, ...] = ()
    asked_for: Instant | None = None


def reckoned(clock: Clock, lead: Lead, rules: Rules, zone: ZoneInfo) -> Reckoning:
    """How this clock of the lead came to its deadline, for whoever reads the clocks of `zone`. It is counted again in
    the calendar as it is now: after a change of its hours the days are those that the change left."""
    plain = Reckoning(
        kind=clock.kind,
        basis=_basis(clock),
        zone=zone.key,
        started_at=clock.started_at,
        due_at=clock.due_at,
        paused=stood_still(clock, rules),
        left=None if clock.pause is None else clock.pause.left,
    )
    if plain.basis == "callback":
        return plain.with_(asked_for=None if lead.callback is None else lead.callback.at)
    if plain.basis == "elapsed":
        passes = int((clock.due_at - clock.started_at).total_seconds())
        return plain.with_(seconds=max(0, passes - plain.paused))
    return plain if plain.basis == "planned" else _in_hours(plain, rules.calendar(clock.calendar))


def _in_hours(plain: Reckoning, hours: Calendar) -> Reckoning:
    counted = hours.trace_between(plain.started_at, plain.due_at)
    return plain.with_(
        seconds=max(0, sum(part.seconds for part in counted) - plain.paused),
        gaps=tuple(_gaps(plain.started_at, counted)),
        closed=tuple(_closed(hours, plain.started_at, plain.due_at)),
    )


def _basis(clock: Clock) -> Basis:
    """A next step is set for a day or an opening: what was counted until then promises nothing."""
    if clock.kind == "next_step":
        return "planned"
    if clock.policy == CALLBACK:
        return "callback"
    return "elapsed" if clock.calendar == ELAPSED else "business"


def _gaps(start: datetime, counted: Iterable[Interval]) -> Iterator[Gap]:
    """Between the start and the first open second, and between open stretches that do not touch."""
    edges = [(start, start), *((part.start, part.end) for part in counted)]
    return (Gap(start=closes, end=opens) for (_, closes), (opens, _) in pairwise(edges) if closes < opens)


def _closed(hours: Calendar, start: datetime, due: datetime) -> Iterator[Closed]:
    """Up to the last second that counts: a deadline at midnight says nothing of the day that begins then."""
    dates = _days(hours.local_date(start), hours.local_date(due - _SECOND))
    for by, days in groupby(dates, key=hours.closed_by):
        if by is not None:
            together = list(days)
            yield Closed(first=together[0], last=together[-1], by=by)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
