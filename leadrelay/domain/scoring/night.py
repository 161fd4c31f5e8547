"""When a lead is judged again although nothing happened: points fade, and some rules ask how long ago something was.

Nobody is asked in vain. What time changes is known beforehand: the instants at which the next points fade, an age in a
condition crosses its number, a sequence is over, a silence has lasted long enough. The lead is due in the first night
after the earliest of them; a lead that no time changes is never due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from leadrelay.domain.conditions.turns import next_turn
from leadrelay.domain.decision import Decision
from leadrelay.domain.nurture.rest import next_rest
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.score import next_change

_HOUR = 3600


def wakes_at(decision: Decision) -> datetime | None:
    """The lead's minute (UTC) of the first night by which time has changed what the rules make of it; None when time
    changes nothing, and for who has no card: visitors, leads known from the CRM alone, leads that became others."""
    if not decision.has_card() or decision.lead.merged_into is not None:
        return None
    now = decision.at
    soonest = min((at for at in _changes(decision) if at is not None and at > now), default=None)
    return None if soonest is None else night(decision.lead.lead_id, soonest, decision.rules)


def _changes(decision: Decision) -> Iterator[datetime | None]:
    """Everything that time alone changes, with the instant at which it does."""
    lead, rules, now = decision.lead, decision.rules, decision.at
    yield next_change(lead, decision.profile, rules, now)
    yield next_rest(lead, rules, now)
    seen = decision.seen() if rules.timed else {}
    for condition in rules.timed:
        yield next_turn(condition.leaves, seen, now)


def night(lead_id: str, at: datetime, rules: Rules) -> datetime:
    """The lead's own second of the first nightly hour at or after `at` (UTC). The hour is that of the wall: where it is
    skipped in spring, the one after it; where it comes twice in autumn, the first."""
    return dawn(at, rules, timedelta(seconds=crc32(lead_id.encode()) % _HOUR))


def dawn(at: datetime, rules: Rules, into: timedelta = timedelta()) -> datetime:
    """The first instant at or after `at` that is so far `into` the nightly hour (UTC)."""
    calendar = rules.team.rep(rules.team.revops).calendar
    zone = ZoneInfo(rules.calendars.calendars[calendar].tz)
    day = at.astimezone(zone).date() - timedelta(days=1)
    while True:
        begins = datetime.combine(day, time(rules.scoring.rescore.hour), zone).astimezone(UTC)
        if begins + into >= at:
            return begins + into
        day += timedelta(days=1)
