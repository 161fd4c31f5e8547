"""Records of what the outside shows: the CRM's card, notices, and the way back from a CRM's record."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from leadrelay.domain.model import Instant
from leadrelay.ports.store import Due, Key, Listing, Record


def sync_key(lead_id: str, crm: str) -> Key[SyncRecord]:
    """Where it is kept what a CRM shows of a lead."""
    return Key(f"LEAD#{lead_id}", f"SYNC#{crm}", SyncRecord)


def notice_key(lead_id: str, notice_id: str) -> Key[NoticeRecord]:
    """Where a notice about a lead is."""
    return Key(f"LEAD#{lead_id}", f"NOTICE#{notice_id}", NoticeRecord)


def map_key(crm: str, crm_id: str) -> Key[MapRecord]:
    """Where a CRM's record points to its lead."""
    return Key(f"CRM#{crm}#person#{crm_id}", "MAP", MapRecord)


class SyncRecord(Record):
    """What a CRM shows of a lead, and who is writing it now.

    `wanted` is the lead version whose card should be shown, `written` the one that is. `owner` was written at
    `owner_at`; `values` are digests of the fields as last written, `done` the operations carried out with the CRM's
    ids, `unsure` those whose outcome is unknown. `lease_until` keeps two workers apart; before `wait_until` the CRM asked to
    be left alone. `parked` says why a person must look.
    """

    kind: ClassVar[str] = "sync"
    lead_id: str
    crm: str
    crm_id: str | None = None
    wanted: int
    written: int = 0
    card: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    owner: str | None = None
    owner_at: Instant | None = None
    done: dict[str, str] = Field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    lease_until: Instant | None = None
    wait_until: Instant | None = None
    due_at: Instant | None
    tries: int = 0
    parked: str | None = None
    parked_at: Instant | None = None
    correlation_id: str
    rules_version: str

    def key(self) -> Key[SyncRecord]:
        """Beside the lead."""
        return sync_key(self.lead_id, self.crm)

    def due(self) -> Due | None:
        """Until the CRM shows what it should."""
        return None if self.due_at is None else Due("sync", self.due_at)

    def listing(self) -> Listing | None:
        """What the CRM refused waits for a person."""
        return None if self.parked_at is None else Listing(f"PARKED#crm_{self.crm}", self.parked_at)


class NoticeRecord(Record):
    """Somebody must be told, and was. `sent` names the channels that were reached; `lease_until` keeps two workers
    apart."""

    kind: ClassVar[str] = "notice"
    lead_id: str
    notice_id: str
    notice: str
    hop: int
    rep: str | None
    due_at: Instant | None
    sent: tuple[str, ...] = ()
    lease_until: Instant | None = None
    tries: int = 0
    outcome: str | None = None
    parked_at: Instant | None = None
    correlation_id: str
    rules_version: str

    def key(self) -> Key[NoticeRecord]:
        """Beside the lead."""
        return notice_key(self.lead_id, self.notice_id)

    def due(self) -> Due | None:
        """Until it was sent, refused or parked."""
        return None if self.due_at is None else Due("notice", self.due_at)

    def listing(self) -> Listing | None:
        """A notice that cannot be delivered waits for a person."""
        return None if self.parked_at is None else Listing("PARKED#notice", self.parked_at)


class MapRecord(Record):
    """A person's record in a CRM belongs to this lead."""

    kind: ClassVar[str] = "map"
    crm: str
    crm_id: str
    lead_id: str

    def key(self) -> Key[MapRecord]:
        """By the CRM's own id."""
        return map_key(self.crm, self.crm_id)
