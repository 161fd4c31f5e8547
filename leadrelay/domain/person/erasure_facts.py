"""Facts about what was removed of somebody: codes and times, and what a lead is without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.person.facts import Absorbed, Remainder
from leadrelay.domain.person.permission import Permission
from leadrelay.domain.signal import Attribution

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class LeadErased(Fact):
    """The person was removed everywhere we write: what stays are codes and numbers. `reason` is who asked for it:
    `request` a person by the command line, else the name of the source that said so; `touch_id` is the erasure."""

    reason: str
    touch_id: str | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Nothing is due, asked or allowed any more. Who has it and where it came from stays, to be counted."""
        return lead.with_(
            standing="gone",
            erased_at=at,
            clocks=(),
            wanted=None,
            next_step=None,
            enrolment=None,
            callback=None,
            listed_on=None,
            snoozed=(),
            wakes_at=None,
            permission=Permission(),
            first=_without_click(lead.first),
            last=_without_click(lead.last),
        )


def _without_click(known: Attribution | None) -> Attribution | None:
    """A click's id stands for one browser."""
    return None if known is None else known.with_(origin=known.origin.with_(click_id=None))


class TouchErased(Fact):
    """The words of one touch were removed, and with them all that it had brought. `left` is what the lead is without;
    `instead` is what another lead should have brought, where the touch came with that one."""

    touch_id: str
    left: Remainder
    instead: Absorbed | None = None

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """As if it had never been."""
        return lead.with_(**dict(self.left))
