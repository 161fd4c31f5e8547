"""A deadline with its reasons, as the rep reads it: `Mon 23 Nov 09:05 Warsaw: 5 business minutes; Sat–Sun closed`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.reckoning import Closed, Gap, Reckoning, reckoned
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.skipped import moment
from leadrelay.domain.rules import Rules

_MOST = 3
"""So many stretches of closed days are named: it stays one sentence."""

_UNITS = ((7_200, 3_600, "hour"), (60, 60, "minute"), (0, 1, "second"))
"""From so many seconds on, and where they are whole, told in units of so many."""

_ODD = 600
"""From so many seconds on, single ones matter to nobody."""


def deadline(lead: Lead, clock: Clock, rules: Rules) -> str:
    """When this clock of the lead runs out and why then, on the clocks of its owner; of RevOps where there is none."""
    return told(reckoned(clock, lead, rules, their_zone(lead.ownership.rep, rules)))


def their_zone(rep: str | None, rules: Rules) -> ZoneInfo:
    """The time zone in which this rep works; RevOps where there is none."""
    return rules.zone(rules.team.rep(rep or rules.team.revops).calendar)


def wall_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant on the clocks of a zone: `Mon 23 Nov 12:05 Warsaw`."""
    return f"{moment(at, zone)} {zone.key.rpartition('/')[2].replace('_', ' ')}"


def told(reckoning: Reckoning) -> str:
    """The deadline, what was counted until then, and what was not; of a clock that stands still, what is left of it."""
    if reckoning.left is not None:
        return f"when the pause ends: {_counted(reckoning.left, reckoning)} left"
    zone = ZoneInfo(reckoning.zone)
    due, why = wall_time(reckoning.due_at, zone), "; ".join(_why(reckoning, zone))
    return f"{due}: {why}" if why else due


def _why(reckoning: Reckoning, zone: ZoneInfo) -> Iterator[str]:
    if reckoning.basis == "callback":
        yield _wished(reckoning, zone)
    if reckoning.seconds is not None:
        yield _counted(reckoning.seconds, reckoning) + (", day and night" if reckoning.basis == "elapsed" else "")
    if reckoning.paused:
        yield f"it stood still for {_counted(reckoning.paused, reckoning)}"
    if reckoning.closed:
        yield from _closed_days(reckoning.closed)
    elif len(reckoning.gaps) == 1:
        yield _gap(reckoning.gaps[0], reckoning, zone)


def _wished(reckoning: Reckoning, zone: ZoneInfo) -> str:
    if reckoning.asked_for is None or reckoning.asked_for == reckoning.due_at:
        return "when they asked to be called"
    return f"the nearest working time to {moment(reckoning.asked_for, zone)}, when they asked to be called"


def _counted(seconds: int, reckoning: Reckoning) -> str:
    return _length(seconds, "" if reckoning.basis == "elapsed" else "business ")


def _length(seconds: int, kind: str) -> str:
    """`5 business minutes`; the odd seconds only of what is short."""
    told = seconds if seconds < _ODD else seconds - seconds % 60
    size, name = next((size, name) for least, size, name in _UNITS if told >= least and told % size == 0)
    count = told // size
    return f"{count} {kind}{name}{'' if count == 1 else 's'}"


def _closed_days(closed: tuple[Closed, ...]) -> Iterator[str]:
    """Each stretch once: a weekend by its weekdays, what is not so every week by its dates."""
    named = list(dict.fromkeys(map(_closed, closed)))
    yield from named[:_MOST]
    if len(named) > _MOST:
        yield "and other closed days"


def _closed(days: Closed) -> str:
    written = "%a" if days.by == "week" else "%a %-d %b"
    span = "–".join(dict.fromkeys(f"{day:{written}}" for day in (days.first, days.last)))
    return f"holiday {span}" if days.by == "holiday" else f"{span} closed"


def _gap(gap: Gap, reckoning: Reckoning, zone: ZoneInfo) -> str:
    """Of a start in closed time only the opening is told."""
    opens = f"{gap.end.astimezone(zone):%H:%M}"
    return (
        f"opens {opens}" if gap.start == reckoning.started_at else f"closed {gap.start.astimezone(zone):%H:%M}–{opens}"
    )
