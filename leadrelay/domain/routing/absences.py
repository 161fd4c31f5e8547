"""Being away: what a word about an absence does to what is known, and which whole days it means.

The newest word of a teller counts: it takes the place of what the same teller said about overlapping days; an open end
leaves what is planned for later. Who is back is back, whatever a calendar goes on saying about an absence that began
before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadrelay.domain.routing.rep_state import Absence, RepState, Teller

When = date | datetime
"""A whole day, or a time; a time without a zone is one of the rep's own clock."""


def begins(when: When, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a day in the zone, or the instant itself."""
    return _instant(when if isinstance(when, datetime) else datetime.combine(when, time()), zone)


def ends(when: When, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) after: a day is away to its last second."""
    return begins(when if isinstance(when, datetime) else when + timedelta(days=1), zone)


def told(state: RepState, absence: Absence, now: datetime) -> RepState:
    """After one more absence was told. Nobody was away before it was known: it begins now at the earliest."""
    absence = absence.with_(start=max(absence.start, now))
    kept = [each for each in state.absences if each.by != absence.by or not _outdated(each, absence)]
    return state.with_(absences=_ordered([*kept, absence], now))


def replaced(state: RepState, by: Teller, absences: Iterable[Absence], now: datetime) -> RepState:
    """After a teller listed all absences that it knows: they take the place of all that it had said."""
    others = [each for each in state.absences if each.by != by]
    return state.with_(absences=_ordered([*others, *absences], now))


def flagged(state: RepState, gone: bool, now: datetime) -> RepState:
    """After the CRM said whether somebody can own anything there: who cannot is away from when that was first seen."""
    known = [each for each in state.absences if each.by == "crm"]
    since_now = [Absence(start=now, by="crm")]
    return replaced(state, "crm", (known or since_now) if gone else (), now)


def back(state: RepState, now: datetime) -> RepState:
    """Back at work: what is under way is over, what is planned for later stays."""
    later = [each for each in state.absences if each.start > now]
    return state.with_(absences=tuple(later), back_at=now)


def _outdated(old: Absence, new: Absence) -> bool:
    begins_before_its_end = old.start <= new.start if new.until is None else old.start < new.until
    return begins_before_its_end and (old.until is None or new.start < old.until)


def _ordered(absences: Iterable[Absence], now: datetime) -> tuple[Absence, ...]:
    """By their beginning; what is over is forgotten."""
    ahead = (each for each in absences if each.until is None or each.until > now)
    return tuple(sorted(ahead, key=lambda each: (each.start, each.by)))


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
