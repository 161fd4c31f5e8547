"""Facts about stage, status and what sales did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.stages.tries import Try, with_tries

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead

By = Literal["crm", "link"]
"""How sales told us: by what they did in the CRM, or by the link in a notice."""


class StageChanged(Fact):
    """The lifecycle stage moved. `skipped` are the stages that were jumped over."""

    before: str
    after: str
    skipped: tuple[str, ...] = ()
    why: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Move; the first time each stage was reached is kept."""
        reached = {self.after: at, **lead.reached}
        skipped = tuple(sorted({*lead.skipped, *self.skipped} - set(reached)))
        return lead.with_(stage=self.after, stage_since=at, reached=reached, skipped=skipped)


class RegressRefused(Fact):
    """Somebody asked for a stage that lies behind the lead's: it stays where it is. `why` is who asked: the CRM, where
    a person set it back, or a deal that was opened again."""

    stage: str
    asked: str
    why: str


class LeadQualified(Fact):
    """The lead gained a qualification (MQL, PQL, SAL ...) for the first time; `team` handles it."""

    qualification: str
    team: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The first time counts."""
        return lead.with_(qualifications={self.qualification: at, **lead.qualifications})


class StatusChanged(Fact):
    """The lead status (micro) changed. `why` is "crm" or "link" where a rep said it there, else what brought it.

    What was said by a link, and the new beginning of a lead that was handed back, the CRM has yet to hear of."""

    before: str
    after: str
    why: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Change it."""
        return lead.with_(status=self.after, status_since=at, status_by_link=self.why in ("link", "hand_back"))


class LeadAccepted(Fact):
    """Sales took the lead on."""

    rep: str
    by: By = "crm"

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep the disposition: it is worked again."""
        return lead.with_(
            disposition="accepted", reason=None, decision_maker=None, timing=None, wakes_at=None, retired_at=None
        )


class LeadRejected(Fact):
    """Sales gave it back for good, with a reason."""

    rep: str
    reason: str | None = None
    by: By = "crm"

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep the disposition; a rep's word ends that nobody had an eye on it."""
        return lead.with_(disposition="rejected", reason=self.reason, wanted=None, wakes_at=None, retired_at=None)


class LeadRecycled(Fact):
    """Too early: returned to nurture, with the reason and what is known of decision-maker and timing. `wakes_at` is
    when to get back in touch. Said again when a rep adds to it."""

    reason: str | None = None
    decision_maker: str | None = None
    timing: str | None = None
    wakes_at: Instant | None = None
    by: By = "crm"

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep what was said; it was given back when it was first said."""
        since = lead.recycled_at if lead.disposition == "recycled" else None
        return lead.with_(
            disposition="recycled",
            reason=self.reason,
            decision_maker=self.decision_maker,
            timing=self.timing,
            wakes_at=self.wakes_at,
            recycled_at=since or at,
            retired_at=None,
            wanted=None,
        )


class ContactAttempted(Fact):
    """Sales reached out. `channel` is call, email, social, meeting; `made_at` when (UTC)."""

    channel: str
    made_at: Instant

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The first contact is the earliest; a call that was asked for is served."""
        first = self.made_at if lead.contacted_at is None else min(lead.contacted_at, self.made_at)
        callback = None if lead.callback is None else lead.callback.after_contact(self.made_at)
        tries = with_tries(lead.tries, [Try(event=self.channel, at=self.made_at)])
        return lead.with_(contacted_at=first, attempts=lead.attempts + 1, tries=tries, callback=callback)


class HandoverLacks(Fact):
    """Marketing handed the lead over to sales without what it promises of such leads: the ids of the criteria of
    `sla.yaml` that are not met. Empty: what was missing at an earlier hand-over is there now."""

    missing: tuple[str, ...]

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep it, for the rep to ask."""
        return lead.with_(lacks=self.missing)


class MeetingBooked(Fact):
    """A meeting stands in the calendar."""

    meets_at: Instant | None = None


class ScoreAlerted(Fact):
    """The score crossed the alert line; the manager is told once. `listed_on` is the day (ISO date where the manager
    works) on whose call list the lead is."""

    score: int
    listed_on: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Tell once."""
        return lead.with_(alerted=True, listed_on=self.listed_on)


class AlertRearmed(Fact):
    """The score fell so far below the alert line that crossing it again is news again."""

    score: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Ready to tell; the day on the call list stays as it was said."""
        return lead.with_(alerted=False)


class ReasonMissing(Fact):
    """A rep gave the lead back without saying why: the value stands, and they are asked."""

    status: str


class DealOpened(Fact):
    """The CRM has an open deal for the lead. `amount` in minor units of `currency` (ISO 4217), None where not given."""

    deal_id: str
    amount: int | None = None
    currency: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it."""
        return _with_deal(lead, self.deal_id, "open")


class DealWon(Fact):
    """A customer. `amount` in minor units of `currency` (ISO 4217), None where not given."""

    deal_id: str
    amount: int | None = None
    currency: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it."""
        return _with_deal(lead, self.deal_id, "won")


class DealLost(Fact):
    """Lost, with the reason sales gave."""

    deal_id: str
    reason: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it."""
        return _with_deal(lead, self.deal_id, "lost")


def _with_deal(lead: Lead, deal_id: str, state: str) -> Lead:
    """The newest twenty: a lead stays small however much they buy."""
    others = [(known, value) for known, value in lead.deals.items() if known != deal_id]
    return lead.with_(deals=dict([*others, (deal_id, state)][-20:]))
