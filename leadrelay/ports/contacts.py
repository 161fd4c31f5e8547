"""Looking once more before a lead is taken away: what people did to reach somebody, as the CRM has it now.

What a rep logs reaches us by a webhook or the next poll, and both can be late. So before it counts that nobody called,
the CRM is asked itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from leadrelay.domain.touch import TouchDraft


class Contacts(Protocol):
    """One CRM account. Raises Retry (throttled, away), Reject (the question is refused) or Misconfigured (credentials,
    rights)."""

    def made(self, people: Sequence[str], since: datetime) -> Sequence[TouchDraft]:
        """What a person did to reach any of these people (ids of their records) since then (UTC), never what a machine
        sent: touches with the same keys under which webhooks and polls bring them, so that none counts twice. Older
        ones may be among them. Nothing for a record that is not there."""
        ...


class PromptContacts(Protocol):
    """The same, waited for no longer than there is time."""

    def made(self, people: Sequence[str], since: datetime, seconds: float) -> Sequence[TouchDraft]:
        """As above. Raises Retry when there is no answer in this time (seconds)."""
        ...
