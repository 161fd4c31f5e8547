"""Facts about the company behind a person, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class AccountCounted(Fact):
    """How many people of the lead's account we know, the lead among them, and how many of them are active; as it was
    when the lead was last decided about."""

    people: int
    active: int

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """What conditions see as `account.people` and `account.active_people`."""
        return lead.with_(account_people=self.people, account_active=self.active)
