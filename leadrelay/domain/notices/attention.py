"""What one reader may be told now and what waits: the night, how much in an hour, and what is old news.

What waits is kept until the morning, or until an hour has room again, and then told at once: one message for many.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from pydantic import Field

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.policy import Night, Quiet
from leadrelay.domain.notices.readers import Reader
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules

_HOUR = timedelta(hours=1)
_GATHERS = timedelta(minutes=1)
"""For so long old news is collected: after an outage it comes in a burst."""

MOST = 500
"""More than these cannot wait for one reader: what comes beyond is told at once."""


class Kept(Model):
    """A notice that waits for one reader, about a lead or ("") a source; `at_night` ones do not wait for the
    morning."""

    lead_id: str
    needed: NoticeNeeded
    at_night: bool = False

    @property
    def key(self) -> str:
        """As `Notice.key`."""
        return f"{self.lead_id}:{self.needed.notice_id}"


class Attention(Model):
    """`told` is what they were told in the last hour, by key, each with when (UTC); `kept` what waits, oldest first;
    `due_at` (UTC) when that is told, None while nothing waits."""

    told: dict[str, Instant] = Field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    due_at: Instant | None = None

    def hearing(self, key: str, now: datetime) -> Attention:
        """Told this now; once counted, the same is not counted again."""
        recent = _recent(self.told, now)
        return self.with_(told={**recent, key: recent.get(key, now)})

    def keeping(self, notice: Notice, reader: Reader, until: datetime) -> Attention:
        """It waits as well; all of it is told as soon as any of it may be."""
        kept = Kept(lead_id=notice.lead.lead_id, needed=notice.needed, at_night=reader.at_night)
        others = tuple(each for each in self.kept if each.key != kept.key)
        return self.with_(kept=(*others, kept), due_at=min(self.due_at or until, until))


def heard(notice: Notice, reader: Reader, attention: Attention) -> tuple[bool, Attention]:
    """Whether this reader is told now, and their attention with this notice."""
    until = waits_until(notice, reader, attention)
    if until is not None:
        return False, attention.keeping(notice, reader, until)
    counts = _limit(reader, notice.rules) is not None
    return True, attention.hearing(notice.key, notice.now) if counts else attention


def waits_until(notice: Notice, reader: Reader, attention: Attention) -> datetime | None:
    """When this reader may be told (UTC); None: now."""
    if len(attention.kept) >= MOST:
        return None
    morning = None if reader.at_night else quiet_until(reader.rep, notice.rules, notice.now)
    if morning is not None or notice.late:
        return morning or notice.now + _GATHERS
    return None if reader.at_night else _room_at(notice, reader, attention)


def _room_at(notice: Notice, reader: Reader, attention: Attention) -> datetime | None:
    """When the newest hour has room again; None while it has, and where nobody counts."""
    limit, recent = _limit(reader, notice.rules), _recent(attention.told, notice.now)
    if limit is None or notice.key in recent or len(recent) < limit:
        return None
    return sorted(recent.values())[-limit] + _HOUR


def _limit(reader: Reader, rules: Rules) -> int | None:
    """Notices in an hour; None for who reads with others."""
    if reader.rep is None:
        return None
    return rules.notices.person(reader.rep.id).per_hour or rules.notices.per_hour


def _recent(told: Mapping[str, Instant], now: datetime) -> dict[str, Instant]:
    return {key: at for key, at in told.items() if now - _HOUR < at}


def quiet_until(rep: Rep | None, rules: Rules, now: datetime) -> datetime | None:
    """When the quiet hours that this person is in are over (UTC); None outside of them, and for who reads with
    others: a channel wakes nobody."""
    if rep is None:
        return None
    quiet: Quiet | None = rules.notices.person(rep.id).quiet or rules.notices.quiet
    if quiet is None:
        return None
    morning = (
        _morning(quiet, rep, rules, now) if isinstance(quiet, Night) else rules.calendar(rep.calendar).next_open(now)
    )
    return morning if morning > now else None


def _morning(night: Night, rep: Rep, rules: Rules, now: datetime) -> datetime:
    """The end of the night that `now` is in, on the wall clock where they work; `now` by day."""
    local = now.astimezone(rules.zone(rep.calendar))
    begins, ends, at = _time(night.from_), _time(night.to), local.time()
    over_midnight = ends <= begins
    if not (at >= begins or at < ends if over_midnight else begins <= at < ends):
        return now
    day = local.date() + timedelta(days=1 if over_midnight and at >= begins else 0)
    return datetime.combine(day, ends, local.tzinfo).astimezone(now.tzinfo)


def _time(wall: str) -> time:
    """`24:00` is where the next day begins."""
    return time.fromisoformat("00:00" if wall == "24:00" else wall)
