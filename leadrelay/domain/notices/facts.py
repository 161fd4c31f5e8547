"""Facts about who hears what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.notices.snoozed import Snooze

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class Snoozed(Fact):
    """The owner put the reminder of the next step off until `until` (UTC), by the link in a notice."""

    rep: str
    hop: int
    notice_id: str
    until: Instant

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The reminder of the next step comes no earlier; by when the step should be done stays what it is."""
        new = Snooze(notice_id=self.notice_id, hop=self.hop, until=self.until)
        others = tuple(each for each in lead.snoozed if each.hop == self.hop and each.notice != new.notice)
        clocks = tuple(
            clock.with_(due_at=max(clock.due_at, self.until)) if clock.kind == "next_step" else clock
            for clock in lead.clocks
        )
        return lead.with_(snoozed=(*others, new), clocks=clocks)
