"""The records of the table: what is stored under which key, when it is due, in which list it shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.fairness import Turns
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.store import Due, Key, Listing, Record


def touch_key(touch_id: str) -> Key[TouchRecord]:
    """Where a touch is."""
    return Key(f"TOUCH#{touch_id}", "TOUCH", TouchRecord)


def words_key(touch_id: str) -> Key[WordsRecord]:
    """Where its words are."""
    return Key(f"TOUCH#{touch_id}", "WORDS", WordsRecord)


def lead_key(lead_id: str) -> Key[LeadRecord]:
    """Where a lead is."""
    return Key(f"LEAD#{lead_id}", "LEAD", LeadRecord)


def sync_key(lead_id: str, crm: str) -> Key[SyncRecord]:
    """Where it is kept what a CRM shows of a lead."""
    return Key(f"LEAD#{lead_id}", f"SYNC#{crm}", SyncRecord)


def notice_key(lead_id: str, notice_id: str) -> Key[NoticeRecord]:
    """Where a notice about a lead is."""
    return Key(f"LEAD#{lead_id}", f"NOTICE#{notice_id}", NoticeRecord)


def ident_key(kind: str, pseudonym: str) -> Key[IdentRecord]:
    """Where an identity points to its lead; `pseudonym` is its keyed hash."""
    return Key(f"IDENT#{kind}#{pseudonym}", "IDENT", IdentRecord)


def pool_key(pool_id: str) -> Key[PoolRecord]:
    """Where a pool's turns are."""
    return Key(f"POOL#{pool_id}", "STATE", PoolRecord)


def map_key(crm: str, crm_id: str) -> Key[MapRecord]:
    """Where a CRM's record points to its lead."""
    return Key(f"CRM#{crm}#person#{crm_id}", "MAP", MapRecord)


TouchState = Literal["received", "ready", "done", "refused", "parked"]


class TouchRecord(Record):
    """A touch and its fate. `said` is published when it is first stored; `due_at` is set until it is done."""

    kind: ClassVar[str] = "touch"
    spoken: ClassVar[str | None] = "said"
    touch: Touch
    state: TouchState = "received"
    due_at: Instant | None
    asked: int = 0
    lead_id: str | None = None
    reason: str | None = None
    parked_at: Instant | None = None
    said: tuple[Said, ...] = ()

    def key(self) -> Key[TouchRecord]:
        """By its touch id: the idempotency key."""
        return touch_key(self.touch.touch_id)

    def due(self) -> Due | None:
        """Until it is done, refused or parked."""
        return None if self.due_at is None else Due("touch", self.due_at)

    def listing(self) -> Listing | None:
        """Parked touches wait for a person."""
        if self.state != "parked" or self.parked_at is None:
            return None
        return Listing(f"PARKED#{self.reason}", self.parked_at)


class WordsRecord(Record):
    """What the sender said: personal data, apart so that it can be removed."""

    kind: ClassVar[str] = "words"
    touch_id: str
    words: Words

    def key(self) -> Key[WordsRecord]:
        """Beside its touch."""
        return words_key(self.touch_id)


class DeliveryRecord(Record):
    """One request as it came, for a month: to heal what we misread. A secret inside the body was taken out."""

    kind: ClassVar[str] = "delivery"
    KEPT: ClassVar[timedelta] = timedelta(days=30)
    sha: str
    source: str
    received_at: Instant
    body: str
    base64: bool = False

    def key(self) -> Key[DeliveryRecord]:
        """By the hash of its bytes."""
        return Key(f"DELIVERY#{self.sha}", "RAW", DeliveryRecord)

    def expires_at(self) -> datetime | None:
        """A month after it came."""
        return self.received_at + self.KEPT


class LogRecord(Record):
    """One commit: its facts, why it happened, by which rules, and the decision. No personal data."""

    kind: ClassVar[str] = "log"
    spoken: ClassVar[str | None] = "facts"
    pk: str
    sk: str
    cause: str
    rules_version: str
    at: Instant
    facts: tuple[Said, ...]
    decision: dict[str, JsonValue] = Field(default_factory=dict)

    def key(self) -> Key[LogRecord]:
        """Beside what it is about, in the order of commits."""
        return Key(self.pk, self.sk, LogRecord)


class LeadRecord(Record):
    """A lead with its profile. Its clocks live in it: a clock that fires is a change of the lead like any other."""

    kind: ClassVar[str] = "lead"
    lead: Lead
    profile: Profile

    def key(self) -> Key[LeadRecord]:
        """By lead id."""
        return lead_key(self.lead.lead_id)

    def due(self) -> Due | None:
        """At its next checkpoint."""
        at = self.lead.due_at()
        return None if at is None else Due("clock", at)

    def listing(self) -> Listing | None:
        """The owner's page, or the queue's backlog."""
        owner = self.lead.ownership
        if owner.since is None or self.lead.merged_into is not None:
            return None
        return Listing(f"OWNER#{owner.rep}" if owner.rep else f"BACKLOG#{owner.queue}", owner.since)


class IdentRecord(Record):
    """An identity points to a lead; a merged lead is an alias of its winner."""

    kind: ClassVar[str] = "ident"
    identity: str
    pseudonym: str
    lead_id: str

    def key(self) -> Key[IdentRecord]:
        """By kind and keyed hash."""
        return ident_key(self.identity, self.pseudonym)


class PoolRecord(Record):
    """A pool's memory of turns."""

    kind: ClassVar[str] = "pool"
    pool_id: str
    turns: Turns = Turns()

    def key(self) -> Key[PoolRecord]:
        """By pool id."""
        return pool_key(self.pool_id)


class SyncRecord(Record):
    """What a CRM shows of a lead, and who is writing it now.

    `wanted` is the lead version whose card should be shown, `written` the one that is. `values` are digests of the
    fields as last written, `done` the operations carried out with the CRM's ids, `unsure` those whose outcome is
    unknown. `lease_until` keeps two workers apart; before `wait_until` the CRM asked to
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


class UnpublishedRecord(Record):
    """Facts of another record that could not be read for publishing; a person must look."""

    kind: ClassVar[str] = "unpublished"
    of: str
    facts: str
    parked_at: Instant

    def key(self) -> Key[UnpublishedRecord]:
        """By the key of the record."""
        return Key(f"UNPUBLISHED#{self.of}", "FACTS", UnpublishedRecord)

    def listing(self) -> Listing | None:
        """Until a person removed it."""
        return Listing("PARKED#unpublished", self.parked_at)


RECORDS: tuple[type[Record], ...] = (
    TouchRecord,
    WordsRecord,
    DeliveryRecord,
    LogRecord,
    LeadRecord,
    IdentRecord,
    PoolRecord,
    SyncRecord,
    NoticeRecord,
    MapRecord,
    UnpublishedRecord,
)
