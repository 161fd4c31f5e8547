"""Facts about leads that nobody calls yet, and about those that come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead

Ended = Literal[
    "routed",
    "rejected",
    "unsubscribed",
    "customer",
    "finished",
    "retired",
    "deleted",
    "outgrown",
    "bounced",
    "erased",
]
"""Sales has it; given back for good; they want no mails; a deal was won; they have been through it; nothing was heard
for too long; its record was deleted; no sequence holds any more; the person was removed."""

Back = Literal["asked", "behaviour", "timing", "deal", "crm", "worked"]
"""They asked again; they showed an intent to buy; the agreed time has come; a deal; a person moved the stage in the
CRM; somebody works it again."""


class NurtureEnrolled(Fact):
    """The lead is in a sequence now, and in no other. `why` is the condition that held, or the stage it entered."""

    sequence: str
    why: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """One sequence at a time."""
        from leadrelay.domain.lead import Enrolment

        return lead.with_(enrolment=Enrolment(sequence=self.sequence, since=at, why=self.why))


class NurtureEnded(Fact):
    """The lead is in no sequence any more."""

    sequence: str
    why: Ended

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """What it has been through is not begun again."""
        through = {*lead.nurtured, self.sequence} if self.why == "finished" else lead.nurtured
        return lead.with_(enrolment=None, nurtured=tuple(sorted(through)))


class LeadReactivated(Fact):
    """A lead that was given back or retired is open again."""

    why: Back

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """A new start: what was said when it was given back is history."""
        return lead.with_(
            disposition=None,
            reason=None,
            decision_maker=None,
            timing=None,
            wakes_at=None,
            retired_at=None,
            reopened_at=at,
            nurtured=(),
        )


class LeadRetired(Fact):
    """Nothing was heard of it for so many days and nobody works it: it is closed until they come back."""

    days: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Nobody is reminded of it any more."""
        return lead.with_(retired_at=at, wakes_at=None, wanted=None, next_step=None, clocks=())
