"""Facts about what the CRM shows and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.card.conversation import Message, heard
from leadrelay.domain.facts import Fact
from leadrelay.domain.model import Instant
from leadrelay.domain.touch import Speaker

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class CardChanged(Fact):
    """What the rep should see has changed; `card` is the hash of the whole card."""

    card: str

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it, so that nothing is said when nothing changed."""
        return lead.with_(card=self.card)


class MessageHeard(Fact):
    """A message of a conversation, `said_at` (UTC) `by` them or us. `talk` is the note in which the CRM shows it, with
    all that is said before `until` (UTC)."""

    touch_id: str
    by: Speaker
    said_at: Instant
    talk: str
    until: Instant

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Remember it for the note."""
        message = Message(touch_id=self.touch_id, by=self.by, at=self.said_at)
        return lead.with_(conversation=heard(lead.conversation, self.talk, self.until, message))


class NoticeNeeded(Fact):
    """Somebody must be told. `notice_id` is unique per lead, hop and checkpoint: a repeat is recognised. `level` is how
    far up the chain it goes: 0 whom the rules name, 1 the manager, then who is above. `since` is when it should have
    been said (UTC): after an outage that is long ago; None: now. `source` is set where it is about one, and no lead."""

    notice_id: str
    notice: str
    hop: int
    rep: str | None = None
    level: int = 0
    since: Instant | None = None
    source: str | None = None


class NoticeSent(Fact):
    """People were told, or the notice was refused with a reason."""

    notice_id: str
    channel: str
    outcome: str


class CrmSynced(Fact):
    """The CRM shows the card of lead version `written`. `fields` are names only."""

    crm: str
    crm_id: str
    written: int
    fields: tuple[str, ...]


class CrmRefused(Fact):
    """The CRM refused an operation; the code is ours, its message stays in the sync record."""

    crm: str
    op: str
    code: str
    field: str | None = None
