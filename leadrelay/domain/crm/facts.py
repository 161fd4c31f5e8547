"""Facts about a lead's record in the CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class RecordDeleted(Fact):
    """A person deleted the record in the CRM. Nobody is chased about it any more, and it is not made again, until the
    person behind it does something themselves."""

    crm: str
    crm_id: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Let it rest."""
        return lead.with_(standing="gone", clocks=(), wanted=None, card=None)


class RecordRefuses(Fact):
    """The record shows for which purposes a person ticked "do not", or none any more."""

    crm: str
    crm_id: str
    purposes: tuple[str, ...]

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it, by its record."""
        return lead.with_(permission=lead.permission.shown(f"{self.crm}/{self.crm_id}", self.purposes))
