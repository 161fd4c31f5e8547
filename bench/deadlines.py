"""How long a deadline takes: added, counted back and told, on calendars whose days are worked out and on new ones.

A warm calendar is what a Lambda has after its first leads; a cold one is what the first lead after new rules meets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

from leadrelay.domain.card.deadline import told
from leadrelay.domain.clocks.business_time import Calendar, CalendarSpec
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.reckoning import reckoned
from leadrelay.domain.lead import Lead
from tests.system import default_rules

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR = 365 * 86_400
_HOUR = 3_600
_NIGHTS = CalendarSpec(
    tz="America/New_York",
    week={"mon": (("22:00", "06:00"),), "wed": (("08:00", "12:00"), ("13:00", "20:00")), "fri": (("22:00", "06:00"),)},
    holidays=(date(2026, 7, 3), date(2026, 11, 26)),
)

Work = Callable[[Calendar, datetime], object]

WORK: Mapping[str, Work] = {
    "add 5 minutes": lambda hours, at: hours.add(at, 300),
    "add 48 hours": lambda hours, at: hours.add(at, 48 * _HOUR),
    "between, 3 days apart": lambda hours, at: hours.between(at, at + timedelta(days=3)),
    "between, a year apart": lambda hours, at: hours.between(at, at + timedelta(days=365)),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Microseconds for each, over the calendars of an office and of night shifts; None where nothing is cold."""

    name: str
    warm: float
    cold: float | None


def measure(deadlines: int) -> list[Pace]:
    """So many of each, from instants all over a year; a twentieth of them on a calendar that is new each time."""
    dice, office = Random(1), default_rules().calendars.calendars["warsaw"]
    starts = [_BEGIN + timedelta(seconds=dice.randrange(_YEAR)) for _ in range(deadlines)]
    specs = (office, _NIGHTS)
    paces = [Pace(name, _warm(work, specs, starts), _cold(work, specs, starts)) for name, work in WORK.items()]
    return [*paces, Pace("why it is due then", _explained(starts), None)]


def _warm(work: Work, specs: Sequence[CalendarSpec], starts: Sequence[datetime]) -> float:
    known = [Calendar(spec) for spec in specs]
    for hours in known:
        hours.between(_BEGIN, _BEGIN + timedelta(days=2 * 366))
    return _paced(work, list(islice(cycle(known), len(starts))), starts)


def _cold(work: Work, specs: Sequence[CalendarSpec], starts: Sequence[datetime]) -> float:
    some = starts[: max(1, len(starts) // 20)]
    return _paced(work, [Calendar(spec) for spec in islice(cycle(specs), len(some))], some)


def _paced(work: Work, calendars: Sequence[Calendar], starts: Sequence[datetime]) -> float:
    begun = perf_counter()
    for hours, at in zip(calendars, starts, strict=True):
        work(hours, at)
    return (perf_counter() - begun) / len(starts) * 1e6


def _explained(starts: Sequence[datetime]) -> float:
    """From a clock to the sentence that the rep reads."""
    rules, lead, zone = default_rules(), Lead(lead_id="0" * 32), ZoneInfo("Europe/Warsaw")
    hours = rules.calendar("warsaw")
    clocks = [
        Clock(kind="first_contact", hop=1, policy="hot", calendar="warsaw", started_at=at, due_at=hours.add(at, 300))
        for at in starts
    ]
    begun = perf_counter()
    for clock in clocks:
        told(reckoned(clock, lead, rules, zone))
    return (perf_counter() - begun) / len(starts) * 1e6
