"""Absences in a calendar (iCalendar, RFC 5545): which events say that somebody is away, and from when until when.

Nothing else of an event is read: its title is nobody else's business. Repetitions are worked out by
`recurring-ical-events`; its library is loaded only where a calendar is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from leadrelay.ports.attendance import Span
from leadrelay.ports.errors import Reject

AHEAD = timedelta(days=60)
_BEHIND = timedelta(days=1)
_MOST = 100
_END = b"END:VCALENDAR"
"""A calendar that was cut off would have fewer absences than there are."""
_SELDOM = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_BUSY = "X-MICROSOFT-CDO-BUSYSTATUS"
_AWAY = "OOF"


def absences(text: bytes, now: datetime) -> tuple[Span, ...]:
    """What is under way and what begins within the next 60 days, in the order of the beginnings. Raises Reject for what
    is no calendar."""
    import recurring_ical_events
    from icalendar import Calendar

    if not text.rstrip().endswith(_END):
        raise Reject("calendar", "it cannot be read: it is no calendar, or it came without its end")
    try:
        calendar = Calendar.from_ical(text)
        calendar.subcomponents = [part for part in calendar.subcomponents if _is_usable(part)]
        events = recurring_ical_events.of(calendar, skip_bad_series=True).between(now - _BEHIND, now + AHEAD)
        found = list(_spans(events))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise Reject("calendar", f"it cannot be read ({type(error).__name__}); does the address end in .ics?") from None
    return tuple(sorted(found, key=lambda span: span.start.isoformat())[:_MOST])


def _is_usable(part: Any) -> bool:
    """Not an event without a beginning, nor one that repeats by the second: that would be millions of absences."""
    if part.name == "VEVENT" and "DTSTART" not in part:
        return False
    rule = part.get("RRULE")
    often = [] if rule is None else [str(one).upper() for each in _listed(rule) for one in each.get("FREQ", ())]
    return set(often) <= _SELDOM


def _listed(rule: Any) -> list[Any]:
    return rule if isinstance(rule, list) else [rule]


def _spans(events: Any) -> Iterator[Span]:
    for event in events:
        start, end = event.start, event.end
        if _is_away(event, whole=not isinstance(start, datetime)) and _after(start, end):
            yield Span(start, end)


def _is_away(event: Any, *, whole: bool) -> bool:
    """Who says how busy they are is away when out of office; of everybody else all counts, but for some hours that
    are marked as free. Whole days are marked so by most calendars, meant or not."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    busy = event.get(_BUSY)
    if busy is not None:
        return str(busy).upper() == _AWAY
    return whole or str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


def _after(start: date, end: date) -> bool:
    """Whether it lasts. Both are days or both are times, with a zone or without."""
    return type(start) is type(end) and end > start
