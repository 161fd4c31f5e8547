"""A deadline with its reasons, as the rep reads it: `Mon 23 Nov 09:05 Warsaw: 5 business minutes; Sat–Sun closed`.

What is told, and in which order, is decided here for every language; its words are `Phrases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of a language. `at` writes an instant on the clocks of a zone, `weekday` and `dated` a date; `units`
    has one and several of hour, minute and second; `says` the rest, with the names in braces that are filled in."""

    at: Callable[[datetime, ZoneInfo], str]
    weekday: Callable[[date], str]
    dated: Callable[[date], str]
    units: Mapping[str, tuple[str, str]]
    says: Mapping[str, str]


def wall_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant on the clocks of a zone: `Mon 23 Nov 12:05 Warsaw`."""
    return f"{moment(at, zone)} {zone.key.rpartition('/')[2].replace('_', ' ')}"


ENGLISH = Phrases(
    at=wall_time,
    weekday=lambda day: f"{day:%a}",
    dated=lambda day: f"{day:%a %-d %b}",
    units={"hour": ("hour", "hours"), "minute": ("minute", "minutes"), "second": ("second", "seconds")},
    says={
        "business": "{count} business {unit}",
        "elapsed": "{count} {unit}",
        "always": "{length}, day and night",
        "paused": "it stood still for {length}",
        "left": "when the pause ends: {length} left",
        "called": "when they asked to be called",
        "nearest": "the nearest working time to {when}, when they asked to be called",
        "holiday": "holiday {days}",
        "closed": "{days} closed",
        "more": "and other closed days",
        "shut": "closed {since}–{until}",
        "opens": "opens {until}",
    },
)
"""What the CRM and the command line say."""


def deadline(lead: Lead, clock: Clock, rules: Rules) -> str:
    """When this clock of the lead runs out and why then, on the clocks of its owner; of RevOps where there is none."""
    return told(reckoned(clock, lead, rules, their_zone(lead.ownership.rep, rules)))


def their_zone(rep: str | None, rules: Rules) -> ZoneInfo:
    """The time zone in which this rep works; RevOps where there is none."""
    return rules.zone(rules.team.rep(rep or rules.team.revops).calendar)


def told(reckoning: Reckoning, phrases: Phrases = ENGLISH) -> str:
    """The deadline, what was counted until then, and what was not; of a clock that stands still, what is left of it."""
    if reckoning.left is not None:
        return phrases.says["left"].format(length=_length(reckoning.left, reckoning, phrases))
    zone = ZoneInfo(reckoning.zone)
    due, why = phrases.at(reckoning.due_at, zone), "; ".join(_why(reckoning, zone, phrases))
    return f"{due}: {why}" if why else due


def _why(reckoning: Reckoning, zone: ZoneInfo, phrases: Phrases) -> Iterator[str]:
    if reckoning.basis == "callback":
        yield _wished(reckoning, zone, phrases)
    if reckoning.seconds is not None:
        counted = _length(reckoning.seconds, reckoning, phrases)
        yield phrases.says["always"].format(length=counted) if reckoning.basis == "elapsed" else counted
    if reckoning.paused:
        yield phrases.says["paused"].format(length=_length(reckoning.paused, reckoning, phrases))
    if reckoning.closed:
        yield from _closed_days(reckoning.closed, phrases)
    elif len(reckoning.gaps) == 1:
        yield _gap(reckoning.gaps[0], reckoning, zone, phrases)


def _wished(reckoning: Reckoning, zone: ZoneInfo, phrases: Phrases) -> str:
    if reckoning.asked_for is None or reckoning.asked_for == reckoning.due_at:
        return phrases.says["called"]
    return phrases.says["nearest"].format(when=phrases.at(reckoning.asked_for, zone))


def _length(seconds: int, reckoning: Reckoning, phrases: Phrases) -> str:
    """`5 business minutes`; the odd seconds only of what is short."""
    told = seconds if seconds < _ODD else seconds - seconds % 60
    size, name = next((size, name) for least, size, name in _UNITS if told >= least and told % size == 0)
    count = told // size
    one, several = phrases.units[name]
    kind = "elapsed" if reckoning.basis == "elapsed" else "business"
    return phrases.says[kind].format(count=count, unit=one if count == 1 else several)


def _closed_days(closed: tuple[Closed, ...], phrases: Phrases) -> Iterator[str]:
    """Each stretch once: a weekend by its weekdays, what is not so every week by its dates."""
    named = list(dict.fromkeys(_closed(days, phrases) for days in closed))
    yield from named[:_MOST]
    if len(named) > _MOST:
        yield phrases.says["more"]


def _closed(days: Closed, phrases: Phrases) -> str:
    written = phrases.weekday if days.by == "week" else phrases.dated
    span = "–".join(dict.fromkeys(map(written, (days.first, days.last))))
    return phrases.says["holiday" if days.by == "holiday" else "closed"].format(days=span)


def _gap(gap: Gap, reckoning: Reckoning, zone: ZoneInfo, phrases: Phrases) -> str:
    """Of a start in closed time only the opening is told."""
    since, until = (f"{at.astimezone(zone):%H:%M}" for at in (gap.start, gap.end))
    kind = "opens" if gap.start == reckoning.started_at else "shut"
    return phrases.says[kind].format(since=since, until=until)
