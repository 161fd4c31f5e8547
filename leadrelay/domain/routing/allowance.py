"""How many new leads a rep may get by the month, spread over its working days: a token bucket.

Every working day of the rep's calendar adds an equal part of the month, at its midnight; a lead costs one. Parts of a
lead are kept, in millionths, so that 14 a month are 14 and 45 are 45 when there is demand. The bucket holds one lead
and five working days' worth: who had a quiet week is not flooded after it.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache

from leadrelay.domain.clocks.business_time import Calendar
from leadrelay.domain.routing.rep_state import Allowance, RepState

LEAD = 1_000_000
"""One lead, in millionths."""

_DAYS_KEPT = 5


def refilled(allowance: Allowance | None, monthly: int, hours: Calendar, now: datetime) -> Allowance:
    """The bucket now (UTC), with what the working days since then added. One that was never spent from is counted from
    the first of this month, so that the first month gives no more than any other."""
    today = hours.local_date(now)
    since = today.replace(day=1) - timedelta(days=1) if allowance is None else hours.local_date(allowance.at)
    left = 0 if allowance is None else allowance.left
    full = LEAD + _DAYS_KEPT * _most(monthly, hours, today)
    return Allowance(left=min(left + _brought(monthly, hours, since, today, full - left), full), at=now)


def charged(state: RepState, monthly: int, hours: Calendar, now: datetime) -> RepState:
    """After they got one more lead."""
    bucket = refilled(state.allowance, monthly, hours, now)
    return state.with_(allowance=bucket.with_(left=bucket.left - LEAD))


def _brought(monthly: int, hours: Calendar, since: date, today: date, enough: int) -> int:
    """What the working days after `since` added, newest month first, as far as it takes to have `enough`. The parts of
    a month are so rounded that together they are exactly `monthly` leads."""
    total, last = 0, today
    while last > since and total < enough:
        worked = _working_days(hours, last.year, last.month)
        begun, ended = bisect_right(worked, since), bisect_right(worked, last)
        if worked:
            total += monthly * LEAD * ended // len(worked) - monthly * LEAD * begun // len(worked)
        last = last.replace(day=1) - timedelta(days=1)
    return total


def _most(monthly: int, hours: Calendar, today: date) -> int:
    """What a working day of this month adds, rounded up."""
    return -(-monthly * LEAD // max(1, len(_working_days(hours, today.year, today.month))))


@lru_cache(maxsize=1_024)
def _working_days(hours: Calendar, year: int, month: int) -> tuple[date, ...]:
    days = (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))
    return tuple(day for day in days if hours.works_on(day))
