"""A moment as people write it in a form. Only forms with one meaning are read; of all others the words stay.

ISO 8601 with or without an offset, "2026-08-21 14:30", "21.08.2026 14:30" (day first, as everywhere in Europe; with
slashes nobody can know), and "tomorrow 10:00" in four languages, counted from the day of the touch. A time without an
offset is one in the zone of the person's country. An hour that the clocks skip is read as the one after the change,
one that they repeat as the first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = {
    **dict.fromkeys(("today", "dziś", "dzis", "dzisiaj", "danas", "heute"), 0),
    **dict.fromkeys(("tomorrow", "jutro", "sutra", "morgen"), 1),
}
_DATED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?,?\s+(\d{1,2}):(\d{2})")
_SPOKEN = re.compile(r"([^\W\d_]+),?\s+(?:at |o |u |um |w )?(\d{1,2}):(\d{2})")


def moment(text: str, zone: str | None, said_at: datetime) -> datetime | None:
    """The moment in UTC, or None. `zone` is None where the country has several or is not known: then only a time with
    an offset is read. `said_at` (UTC) gives "tomorrow" its date."""
    text = " ".join(text.split()).casefold()
    try:
        found = _iso(text) or _dated(text) or _spoken(text, zone, said_at)
        if found is None or (found.tzinfo is None and zone is None):
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone or "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    """Only with a time of day: a date alone is no deadline."""
    if len(text) < len("2026-08-21 14:30") or not re.match(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}", text):
        return None
    return datetime.fromisoformat(text.upper())


def _dated(text: str) -> datetime | None:
    found = _DATED.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute = (int(part) for part in found.groups())
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 (the zone follows)


def _spoken(text: str, zone: str | None, said_at: datetime) -> datetime | None:
    found = _SPOKEN.fullmatch(text)
    if found is None or zone is None or found.group(1) not in _DAYS:
        return None
    day = said_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=_DAYS[found.group(1)])
    return datetime.combine(day, time(int(found.group(2)), int(found.group(3))))
