"""Facts about who somebody is and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leadrelay.domain.card.conversation import Talk
from leadrelay.domain.card.conversation import together as both
from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.clocks.clock import Clock, earlier
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.permission import Permission
from leadrelay.domain.signal import Attribution, Moment, Sent, Signal, note, together
from leadrelay.domain.sources.channel import ChannelClass
from leadrelay.domain.stages.tries import Try, with_tries
from leadrelay.domain.touch import NOT_THEIRS, TouchKind

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class TouchReceived(Fact):
    """A touch was stored; `fetch` completes it."""

    touch_id: str
    source: str
    kind: TouchKind


class TouchReady(Fact):
    """A touch is complete; `score` works on it."""

    touch_id: str
    source: str
    kind: TouchKind


class TouchParked(Fact):
    """A touch waits for a person: its mapping is missing, it looks like spam, or it was never answered."""

    touch_id: str
    source: str
    reason: str


class LeadCreated(Fact):
    """A new person; `captured_at` is when their first touch was received: the lead clock counts from here."""

    touch_id: str
    captured_at: Instant

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The lead exists."""
        return lead.with_(captured_at=self.captured_at)


class TouchIdentified(Fact):
    """A touch was found to be this lead's. `signals` are the names it counts under; `source_channel` is how it came,
    `channel_class` the class of that, `partner` who sent them; `attribution` is set for submissions, `standing` is how
    far the touch lets the lead be worked, `matched_by` what told whose it is, `account_by` what told the account of
    somebody without a company's address. `by_machine`: a program did it, such as one that opens every mail."""

    touch_id: str
    kind: TouchKind
    occurred_at: Instant
    received_at: Instant
    signals: tuple[str, ...]
    page: str | None = None
    temperature: Literal["hot", "warm"] | None = None
    attribution: Attribution | None = None
    standing: Literal["imported", "shadow", "live"] = "live"
    matched_by: tuple[str, ...] = ()
    account_by: tuple[str, ...] = ()
    by_machine: bool = False
    source_channel: str | None = None
    channel_class: ChannelClass | None = None
    partner: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Count the signals, keep first and last attribution whatever the order of arrival. What others did to the
        record in the CRM, or found out, is no touch of the person's. Whose record was deleted is back: what is promised
        of them counts from now."""
        if lead.standing == "gone":
            lead = lead.with_(reopened_at=at)
        lead = lead.raised(self.standing).with_(
            touches=lead.touches + (self.kind not in NOT_THEIRS),
            captured_at=min(lead.captured_at, self.received_at),
            signals=note(lead.signals, self.signals, self.occurred_at, self.touch_id),
            pages=lead.pages if self.page is None else tuple(sorted({*lead.pages, self.page}))[:20],
        )
        if self.partner is not None:
            lead = lead.sent(Sent(partner=self.partner, at=self.occurred_at, touch_id=self.touch_id))
        if self.temperature is not None:
            lead = lead.with_(asked_at=max(filter(None, (lead.asked_at, self.occurred_at))))
        if self.kind in ("submission", "behaviour") and not self.by_machine:
            lead = lead.heard(Moment(at=self.occurred_at, touch_id=self.touch_id))
        return lead if self.attribution is None else lead.attributed(self.attribution, self.temperature)


class Absorbed(Model):
    """What a merged lead brings, without personal data."""

    lead_id: str
    captured_at: Instant
    touches: int
    signals: dict[str, Signal]
    pages: tuple[str, ...]
    first: Attribution | None
    last: Attribution | None
    temperature: Literal["hot", "warm"] | None
    contacted_at: Instant | None = None
    attempts: int = 0
    standing: Literal["gone", "imported", "shadow", "live"] = "live"
    deals: dict[str, str] = Field(default_factory=dict)
    absorbed: tuple[str, ...] = ()
    qualifications: dict[str, Instant] = Field(default_factory=dict)
    apart: tuple[tuple[str, str], ...] = ()
    permission: Permission = Permission()
    callback: Callback | None = None
    last_touch: Moment | None = None
    tries: tuple[Try, ...] = ()
    asked_at: Instant | None = None
    lead_clock: Clock | None = None
    first_partner: Sent | None = None
    last_partner: Sent | None = None
    conversation: tuple[Talk, ...] = ()


def earliest(one: dict[str, Instant], other: dict[str, Instant]) -> dict[str, Instant]:
    """Both, each with its first time."""
    return {name: min(filter(None, (one.get(name), other.get(name)))) for name in sorted({*one, *other})}


class LeadMerged(Fact):
    """Two leads are one person. In the winner's log `absorbed` is what it gained; in the loser's, `into` is set. `by`
    is what showed it: the kinds of identity, or `crm` for its record there."""

    absorbed: Absorbed | None = None
    into: str | None = None
    by: tuple[str, ...] = ()

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The winner gains, the loser becomes an alias."""
        if self.absorbed is None:
            return lead.with_(merged_into=self.into, clocks=(), wanted=None)
        other = self.absorbed
        became = tuple(dict.fromkeys((*lead.absorbed, other.lead_id, *other.absorbed)))
        return gained(lead, other).with_(absorbed=became)


def gained(lead: Lead, other: Absorbed) -> Lead:
    """The lead with everything that another one brings; on no call list where either refused calls."""
    permission = lead.permission.together(other.permission)
    lead = lead.with_(
        captured_at=min(lead.captured_at, other.captured_at),
        touches=lead.touches + other.touches,
        signals=together(lead.signals, other.signals),
        pages=tuple(sorted({*lead.pages, *other.pages}))[:20],
        contacted_at=min(filter(None, (lead.contacted_at, other.contacted_at)), default=None),
        attempts=lead.attempts + other.attempts,
        tries=with_tries(lead.tries, other.tries),
        clocks=earlier(lead.clocks, other.lead_clock),
        asked_at=max(filter(None, (lead.asked_at, other.asked_at)), default=None),
        deals={**other.deals, **lead.deals},
        qualifications=earliest(lead.qualifications, other.qualifications),
        apart=tuple(sorted({*lead.apart, *other.apart})),
        permission=permission,
        conversation=both(lead.conversation, other.conversation),
        listed_on=lead.listed_on if permission.may_call else None,
        callback=other.callback if other.callback and other.callback.replaces(lead.callback) else lead.callback,
    )
    lead = lead.raised(other.standing).heard(other.last_touch).sent(other.first_partner, other.last_partner)
    for attribution in filter(None, (other.first, other.last)):
        lead = lead.attributed(attribution, other.temperature)
    return lead


class Remainder(Model):
    """What a lead is without the one that was wrongly made part of it: everything that touches and stages gave it. How
    it is worked (owner, status, clocks, standing) stays as it is."""

    captured_at: Instant
    touches: int
    signals: dict[str, Signal]
    pages: tuple[str, ...]
    first: Attribution | None
    last: Attribution | None
    temperature: Literal["hot", "warm"] | None
    contacted_at: Instant | None
    attempts: int
    deals: dict[str, str]
    qualifications: dict[str, Instant]
    stage: str
    stage_since: Instant | None
    reached: dict[str, Instant]
    skipped: tuple[str, ...]
    permission: Permission
    callback: Callback | None
    last_touch: Moment | None
    absorbed: tuple[str, ...] = ()
    tries: tuple[Try, ...] = ()
    asked_at: Instant | None = None
    first_partner: Sent | None = None
    last_partner: Sent | None = None
    conversation: tuple[Talk, ...] = ()


class LeadUnmerged(Fact):
    """A person said that two leads are two people after all; `apart` are the pairs that are never joined again.

    In the log of whom the lead was part of, `left` is what remains there; `moved` are touches that turned out to be the
    other's, and `instead` is what the lead it came with should have brought, where it came with one. In the log of the
    lead that lives again `gained` is what the moved touches bring. `other` is that lead, there whom it was part of.
    """

    other: str
    apart: tuple[tuple[str, str], ...]
    left: Remainder | None = None
    instead: Absorbed | None = None
    moved: tuple[str, ...] = ()
    gained: Absorbed | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """One loses what it had gained, the other lives again."""
        if self.left is not None:
            lead = lead.with_(**dict(self.left))
        if self.gained is not None:
            lead = gained(lead.with_(merged_into=None), self.gained)
        return lead.with_(apart=tuple(sorted({*lead.apart, *self.apart})))


class LeadEnriched(Fact):
    """Fields were learnt; only their names travel."""

    touch_id: str
    fields: tuple[str, ...]


class SourceDue(Fact):
    """It is time to ask a source for what we may have missed; `poll` asks."""

    source: str
    asked: int


class SourceGap(Fact):
    """A source's own list and what it delivered differ, for a form ("" where it has none) and a day (UTC, ISO).
    `theirs` is how many the sender lists, `ours` how many of all that it ever listed came by themselves, `found` how
    many only the list brought, `gone` how many it listed once and does not list any more. The newest fact of a form
    and day holds."""

    source: str
    theirs: int
    ours: int
    form: str = ""
    day: str = ""
    found: int = 0
    gone: int = 0
