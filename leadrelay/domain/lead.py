"""A lead: one person, all touches merged. Everything here but the profile can be folded from the lead's log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from leadrelay.domain.card.conversation import Talk
from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.clocks.clock import AT_ONCE, PROMPTS, Clock, ClockKind, Lapse, Promise
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.notices.snoozed import Snooze
from leadrelay.domain.person.permission import Permission
from leadrelay.domain.routing.ownership import Ownership, Wanted
from leadrelay.domain.signal import Attribution, Moment, Sent, Signal
from leadrelay.domain.stages.tries import Try

VISITOR = "visitor"
"""The stage before the lifecycle: behaviour of somebody who has not said who they are."""

Standing = Literal["gone", "imported", "shadow", "live"]
"""How far a lead is worked, lowest first: its record was deleted in the CRM; known from the CRM alone, so nothing is
decided for it; decided but shown to nobody; everything."""

_STANDINGS: tuple[Standing, ...] = ("gone", "imported", "shadow", "live")

_DAWN = datetime(9999, 1, 1, tzinfo=UTC)


class ScoreLine(Model):
    """One reason of a score; `rule` is its id in scoring.yaml, `kept` what the caps left of `points`.

    `touch_id` is the newest touch that earned them, None for who somebody is. `fades_at` is the instant (UTC) at which
    these points change next if nothing happens, None if they stay.
    """

    rule: str
    group: str
    points: int
    kept: int
    touch_id: str | None = None
    fades_at: Instant | None = None


class Score(Model):
    """Fit and engagement after their caps, `total` 0 to 100, `lost` what the caps took away. `total` is the sum of what
    the lines kept, at any instant."""

    fit: int = 0
    engagement: int = 0
    total: int = 0
    lost: int = 0
    lines: tuple[ScoreLine, ...] = ()


class NextStep(Model):
    """What happens next, by when (UTC) and whose it is: a rep, a queue, or the CRM's id of an owner we do not know. No
    open lead is ever without one. `missed` is how often somebody was reminded of it when it was overdue."""

    what: str
    due_at: Instant
    who: str | None = None
    missed: int = 0


class Enrolment(Model):
    """The sequence a lead is in, since when (UTC), and which condition or stage put it there."""

    sequence: str
    since: Instant
    why: str


class Lead(Model):
    """The state of a lead. `absorbed` are the leads that became this one, themselves or through another, and were not
    parted from it since. `stage_since` is when it came to its stage, `status_since` when its status was set (UTC);
    `qualifications` when each was first gained. `status_by_link`: a rep said the status by a link, or handed the lead
    back, so the CRM has yet to hear of it.
    `disposition` is what sales said of it, `reason` why, with what they know of `decision_maker` and `timing`;
    `recycled_at` is when it was last given back as too early, `wakes_at` when to get back in touch; `retired_at` when
    it was let go, `reopened_at` when it last came back from either, or from the
    deletion of its record. `nurtured` are the sequences it has been through;
    `deals` are the CRM's deals with their state; `card` is the hash of what it should show; `alerted` whether the
    manager has heard of the score, `listed_on` the day (ISO date, where they work) on whose call list that put it.
    `account_people` are how many people of its account were known, `account_active` how many of them active, when it
    was last counted. `apart` are pairs of lead ids that a person said are two people: one that this lead is or was made
    of, and the other. `erased_at` (UTC) is when the person was removed: nothing leads here any more. `relation` is what
    somebody is to us who is no sales lead (a job seeker), None for everybody else; `callback` the call they asked for
    last; `snoozed` what the owner put off. `first_partner` and `last_partner` are who sent them, kept for ever.
    `last_touch` is the newest thing the person did themselves,
    `asked_at` when they last asked for something; `tries` are the newest attempts to reach them, `attempts` counts all;
    `criteria` are those of scoring.yaml that are met; `fields` are the codes that reports were told; `lapsed` the
    clocks of owners who lost it for want of a contact, newest last; `kept` the newest promise of each kind that was
    kept, but for those that bring the next step. `conversation` is what was said in chats lately, in parts of a few
    minutes."""

    lead_id: str
    standing: Standing = "imported"
    captured_at: Instant = _DAWN
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    touches: int = 0
    signals: dict[str, Signal] = Field(default_factory=dict)
    pages: tuple[str, ...] = ()
    first: Attribution | None = None
    last: Attribution | None = None
    first_partner: Sent | None = None
    last_partner: Sent | None = None
    last_touch: Moment | None = None
    segment: str | None = None
    persona: str | None = None
    icp: bool = False
    relation: str | None = None
    criteria: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    score: Score = Score()
    stage: str = VISITOR
    reached: dict[str, Instant] = Field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    stage_since: Instant | None = None
    qualifications: dict[str, Instant] = Field(default_factory=dict)
    status: str = "new"
    status_by_link: bool = False
    status_since: Instant | None = None
    temperature: Literal["hot", "warm"] | None = None
    alerted: bool = False
    listed_on: str | None = None
    ownership: Ownership = Ownership()
    wanted: Wanted | None = None
    next_step: NextStep | None = None
    clocks: tuple[Clock, ...] = ()
    lapsed: tuple[Lapse, ...] = ()
    kept: dict[ClockKind, Promise] = Field(default_factory=dict)
    contacted_at: Instant | None = None
    attempts: int = 0
    tries: tuple[Try, ...] = ()
    asked_at: Instant | None = None
    disposition: str | None = None
    reason: str | None = None
    decision_maker: str | None = None
    timing: str | None = None
    recycled_at: Instant | None = None
    wakes_at: Instant | None = None
    retired_at: Instant | None = None
    reopened_at: Instant | None = None
    enrolment: Enrolment | None = None
    nurtured: tuple[str, ...] = ()
    deals: dict[str, str] = Field(default_factory=dict)
    permission: Permission = Permission()
    callback: Callback | None = None
    card: str | None = None
    snoozed: tuple[Snooze, ...] = ()
    conversation: tuple[Talk, ...] = ()
    account_people: int | None = None
    account_active: int | None = None
    apart: tuple[tuple[str, str], ...] = ()
    erased_at: Instant | None = None

    def attributed(self, attribution: Attribution, temperature: Literal["hot", "warm"] | None) -> Lead:
        """With first and last submission updated; the temperature is the last one's."""
        first, last = self.first, self.last
        changes: dict[str, object] = {}
        if first is None or attribution.order() < first.order():
            changes["first"] = attribution
        if last is None or attribution.order() > last.order():
            changes |= {"last": attribution, "temperature": temperature}
        return self.with_(**changes)

    def sent(self, *by: Sent | None) -> Lead:
        """With the first and the last of these partners and of those that were known. What a partner is owed does not
        end because somebody comes back by themselves."""
        known = [each for each in (self.first_partner, self.last_partner, *by) if each is not None]
        return self.with_(
            first_partner=min(known, key=Sent.order, default=None),
            last_partner=max(known, key=Sent.order, default=None),
        )

    def heard(self, *moments: Moment | None) -> Lead:
        """With the newest of these and of what was known."""
        known = [moment for moment in (self.last_touch, *moments) if moment is not None]
        return self.with_(last_touch=max(known, key=lambda moment: (moment.at, moment.touch_id), default=None))

    def raised(self, standing: Standing) -> Lead:
        """Worked at least this far."""
        return self.with_(standing=max(self.standing, standing, key=_STANDINGS.index))

    def is_apart(self, other: Lead) -> bool:
        """Whether a person said that the two, or leads that became them, are different people."""
        return any((theirs, ours) in other.apart for ours, theirs in self.apart)

    @property
    def live(self) -> bool:
        """Whether people are told and held to deadlines."""
        return self.standing == "live"

    @property
    def decided(self) -> bool:
        """Whether an owner is chosen for it and a card made."""
        return self.standing in ("shadow", "live")

    @property
    def closed(self) -> bool:
        """Given back for good, or let go: nothing is planned for it until they come back."""
        return self.disposition == "rejected" or self.retired_at is not None

    @property
    def rests(self) -> bool:
        """Nobody is to work it now: closed, or given back as too early."""
        return self.closed or self.disposition == "recycled"

    @property
    def rests_since(self) -> datetime | None:
        """When it was last given back as too early, or let go."""
        return max(filter(None, (self.recycled_at, self.retired_at)), default=None) if self.rests else None

    @property
    def waits(self) -> bool:
        """Whether it has a place in the line of a pool, and is to be taken from it."""
        open_still = self.decided and not self.rests and self.merged_into is None
        return open_still and self.ownership.waits is not None

    def clock(self, kind: str) -> Clock | None:
        """The clock of this kind: what it waits for is owed, whether it runs, stands still, or was breached and
        measures on."""
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    def running(self, kind: str) -> Clock | None:
        """The clock of this kind, while its deadline is still ahead."""
        return next((clock for clock in self.clocks if clock.kind == kind and clock.runs), None)

    @property
    def prompted(self) -> bool:
        """Whether a clock runs that ends in somebody being told what to do next."""
        return any(clock.runs and clock.kind in PROMPTS for clock in self.clocks)

    def due_at(self, ahead: timedelta = AT_ONCE) -> datetime | None:
        """The next instant (UTC) at which a clock wants attention, of somebody who looks so far `ahead`."""
        return min((at for clock in self.clocks if (at := clock.looked_for(ahead)) is not None), default=None)


def fold(lead: Lead, facts: Iterable[tuple[Fact, datetime]]) -> Lead:
    """The lead after these facts: the same state that was stored."""
    for fact, at in facts:
        lead = fact.apply(lead, at)
    return lead
