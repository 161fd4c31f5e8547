"""What is known of a rep at work: how much they have, when they are away, how many more they may get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadrelay.domain.model import Instant, Model

Teller = Literal["command", "crm", "calendar", "clock"]
"""Who said that somebody is away: a person with a command, the CRM, a calendar, or the clocks that ran out on them."""


CRM_FRESH = timedelta(hours=24)
"""What the CRM counted longer ago says nothing of a rep's load today."""


class Absence(Model):
    """Away from `start` until `until` (UTC, None: until told otherwise). `by` is who said so."""

    start: Instant
    until: Instant | None = None
    why: str = ""
    by: Teller = "command"

    def covers(self, now: datetime) -> bool:
        """Whether it is under way."""
        return self.start <= now and (self.until is None or now < self.until)


class Allowance(Model):
    """A rep's bucket of leads by the month: `left` in millionths of a lead, as of the instant `at` (UTC)."""

    left: int
    at: Instant


_RECENT = 20
"""How many first contacts the mean response time is about: each new one counts a twentieth."""


class RepState(Model):
    """`open` counts the open leads that LeadRelay gave them and that they still have. An absence that began before
    `back_at` is over, whoever still tells of it. `crm_open` is what the CRM counts, seen at `crm_seen_at`.
    `response_seconds` is the mean (business seconds, newest count most) of `responses` first contacts, `silent` when
    (UTC) first contacts were missed lately, oldest first."""

    open: int = 0
    absences: tuple[Absence, ...] = ()
    back_at: Instant | None = None
    allowance: Allowance | None = None
    crm_open: int | None = None
    crm_seen_at: Instant | None = None
    response_seconds: int | None = None
    responses: int = 0
    silent: tuple[Instant, ...] = ()

    def load(self, now: datetime) -> int:
        """Open leads: what the CRM counts, which knows those from elsewhere too, while that is fresh, but never less
        than we gave them."""
        fresh = self.crm_open is not None and self.crm_seen_at is not None and now - self.crm_seen_at <= CRM_FRESH
        return max(self.open, self.crm_open or 0) if fresh else self.open

    def away(self, now: datetime) -> Absence | None:
        """The absence under way, the longest where there are several."""
        return max(
            (each for each in self.absences if each.covers(now) and not self._came_back(each)),
            key=lambda each: (each.until is None, each.until or now),
            default=None,
        )

    def presence(self, now: datetime) -> RepState:
        """Only what says whether they are away from now on; not why, which is theirs."""
        ahead = (each for each in self.absences if each.until is None or each.until > now)
        return RepState(absences=tuple(each.with_(why="") for each in ahead), back_at=self.back_at)

    def loaded(self, more: int) -> RepState:
        """With so many more open leads, or fewer."""
        return self.with_(open=self.open + more)

    def responded(self, seconds: int) -> RepState:
        """After one more first contact, made so many business seconds after they got the lead: the plain mean of the
        first twenty, an exponential one from then on."""
        count = self.responses + 1
        mean = self.response_seconds or 0
        return self.with_(response_seconds=mean + round((seconds - mean) / min(count, _RECENT)), responses=count)

    def _came_back(self, absence: Absence) -> bool:
        return self.back_at is not None and absence.start < self.back_at
