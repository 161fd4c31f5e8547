"""Working hours as RevOps writes them, and what they mean.

One definition carries everything: a second counts when the wall clock of the calendar's zone shows a time inside the
hours of the local date it shows. Elapsed seconds are counted, so an hour that daylight saving repeats counts twice and
one that it skips never. The hours of a local date are:

- its *exception*, if it has one: exactly those windows, on a holiday too (no windows = closed);
- nothing, if it is a *holiday*;
- else the windows of its weekday, and what the day before reaches into it past midnight.

A window whose end is not later than its start is overnight and belongs to the day it starts on. A holiday, or an
exception, on the next date cuts what reaches past midnight; an exception also replaces the overnight window that its
weekday would have begun. Windows that overlap count once.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Minutes: TypeAlias = tuple[int, int]
"""A window in minutes from the midnight its day begins with; the end of an overnight one is beyond 1440."""

ClosedBy = Literal["week", "holiday", "exception"]
"""What closes a whole local date."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        from difflib import get_close_matches  # only a wrong calendar pays for this import

        close = get_close_matches(name, sorted(available_timezones()), 1)
        hint = f"did you mean '{close[0]}'?" if close else "write an IANA name such as Europe/Warsaw"
        raise ValueError(f"unknown time zone '{name}'; {hint}") from None
    return name


def _wall_time(value: object) -> object:
    """YAML reads an unquoted 09:00 as the number 540, so what is not text gets an answer that says so."""
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", value):
        return value
    raise ValueError(f'{value!r} is not a time of day; write "HH:MM" in quotes, from "00:00" to "24:00"')


def _window(window: tuple[str, str]) -> tuple[str, str]:
    if window[0] == "24:00":
        raise ValueError('a window cannot start at "24:00"; give "00:00" to the next day')
    return window


WallTime = Annotated[str, BeforeValidator(_wall_time)]
Window = Annotated[tuple[WallTime, WallTime], AfterValidator(_window)]
Windows = tuple[Window, ...]


def _some_window(week: dict[Weekday, Windows]) -> dict[Weekday, Windows]:
    if not any(week.values()):
        raise ValueError("the week has no open hours; give at least one day a window")
    return week


class CalendarSpec(BaseModel):
    """Working hours as RevOps writes them; the module's docstring says what they mean.

    `tz`: IANA zone. `week`: weekday -> windows ["HH:MM", "HH:MM"]; "24:00" may end one. `holidays`: closed local dates.
    `exceptions`: local date -> the windows of that date instead of its usual hours; none = closed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tz: Annotated[str, AfterValidator(_known_zone)]
    week: Annotated[dict[Weekday, Windows], AfterValidator(_some_window)]
    holidays: tuple[date, ...] = ()
    exceptions: dict[date, Windows] = Field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.tz, frozenset(self.week.items()), self.holidays, frozenset(self.exceptions.items())))


@lru_cache(maxsize=1)
def always() -> CalendarSpec:
    """Every second of every day, in UTC."""
    day: Windows = (("00:00", "24:00"),)
    return CalendarSpec(tz="UTC", week=dict.fromkeys(WEEKDAYS, day))


def minutes(windows: Windows) -> tuple[Minutes, ...]:
    """Checked windows as minutes."""
    pairs = (tuple(int(time[:2]) * 60 + int(time[3:]) for time in window) for window in windows)
    return tuple((opens, closes if closes > opens else closes + 1_440) for opens, closes in pairs)
