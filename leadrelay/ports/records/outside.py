"""Records of what the outside shows: the CRM's card, how its account is doing, and the way back from a CRM's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from leadrelay.domain.card.bucket import Bucket
from leadrelay.domain.card.circuit import OPEN, Circuit
from leadrelay.domain.crm.adopt import JUDGED, heard, is_owner
from leadrelay.domain.model import Instant, Model
from leadrelay.ports.store import ASKED_AT_MOST, Due, Key, Listing, Record

_SEEN = ("values", "shows")
_CODES = frozenset({*JUDGED, *map(heard, JUDGED), "task"})
"""Digests of what is no person's own."""


def sync_key(lead_id: str, crm: str) -> Key[SyncRecord]:
    """Where it is kept what a CRM shows of a lead."""
    return Key(f"LEAD#{lead_id}", f"SYNC#{crm}", SyncRecord)


def account_key(crm: str) -> Key[AccountRecord]:
    """Where all workers agree on how a CRM account may be called."""
    return Key(f"CRM#{crm}", "ACCOUNT", AccountRecord)


def map_key(crm: str, crm_id: str) -> Key[MapRecord]:
    """Where a CRM's record points to its lead."""
    return Key(f"CRM#{crm}#person#{crm_id}", "MAP", MapRecord)


class Refusal(Model):
    """What the CRM will not take, for the person who can mend it. `what` is the field or the kind of operation, `value`
    the digest of the refused value, `message` the CRM's own (it may quote personal data: it never leaves the record),
    `hint` what to do."""

    what: str
    code: str
    message: str
    hint: str
    value: str | None = None


class SyncRecord(Record):
    """What a CRM shows of a lead, and who is writing it now.

    `wanted` is the lead version whose card should be shown, `written` the one that is, `card` its digest. `values`
    are digests of the fields as last written, `shows` those of what the record took from us and of what people were
    heard to say of its status and stage (the newest reading was received at `heard_at`), `owner` the owner id as
    last written at `owner_at` (or as a person chose it), `status` the lead status that the record showed when it
    was last written or heard (`status_at`), `status_was` what was there before, if we wrote over it, `lists` the
    lists we put the person on, `done` the operations carried out with the CRM's ids. `unsure` are the operations
    whose outcome is unknown, `offered` the owner ids and fields that those may have written. The assignment (hop)
    `gave_way` to an owner whom a person chose.

    `lease_until` keeps two workers apart; before `wait_until` the CRM asked to be left alone; before `quiet_until`
    more changes are collected, None where the change is urgent. `refused` is what the CRM would not take; `parked` says
    why a person must look. `planned` are the fields and operations that were computed and not sent. `duplicate_of`
    is the lead that this one became, once its record says so. `astray` are fields of the person that show what we wrote
    there of somebody else: they are put right even where we only fill.
    """

    kind: ClassVar[str] = "sync"
    lead_id: str
    crm: str
    crm_id: str | None = None
    wanted: int
    written: int = 0
    card: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    shows: dict[str, str] = Field(default_factory=dict)
    owner: str | None = None
    owner_at: Instant | None = None
    heard_at: Instant | None = None
    status: str | None = None
    status_at: Instant | None = None
    status_was: str | None = None
    lists: tuple[str, ...] = ()
    done: dict[str, str] = Field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    gave_way: int | None = None
    lease_until: Instant | None = None
    wait_until: Instant | None = None
    quiet_until: Instant | None = None
    due_at: Instant | None
    tries: int = 0
    refused: tuple[Refusal, ...] = ()
    parked: str | None = None
    parked_at: Instant | None = None
    planned: tuple[str, ...] = ()
    planned_at: Instant | None = None
    duplicate_of: str | None = None
    duplicate_at: Instant | None = None
    astray: tuple[str, ...] = ()
    correlation_id: str
    rules_version: str

    @model_validator(mode="before")
    @classmethod
    def _without_absorbed(cls, said: Any) -> Any:
        """Which leads became this one was once kept here; the lead itself knows."""
        return {name: said[name] for name in said if name != "absorbed"} if isinstance(said, Mapping) else said

    def key(self) -> Key[SyncRecord]:
        """Beside the lead."""
        return sync_key(self.lead_id, self.crm)

    def due(self) -> Due | None:
        """Until the CRM shows what it should."""
        return None if self.due_at is None else Due("sync", self.due_at)

    def forgotten(self) -> SyncRecord:
        """The next version, without what tells anything of a person: which record it is, what was made on it, and whose
        and how far it was, stays for who deletes it, or comes back to it."""
        said = ("status", "status_was", "refused", "parked", "parked_at", "planned", "planned_at", "duplicate_of",
                "duplicate_at", "astray")  # fmt: skip
        begun = {name: SyncRecord.model_fields[name].get_default(call_default_factory=True) for name in said}
        codes = {name: {what: each for what, each in getattr(self, name).items() if what in _CODES} for name in _SEEN}
        offered = tuple(each for each in self.offered if is_owner(each) or each.partition("=")[0] in JUDGED)
        return self.with_(version=self.version + 1, offered=offered, **codes, **begun)

    @property
    def fresh(self) -> bool:
        """Whether nothing was ever sent: no record can be there."""
        return self.crm_id is None and not self.unsure and self.written == 0

    @property
    def pending(self) -> bool:
        """Whether something was sent whose outcome nobody knows; by a worker that is at it, or died."""
        return bool(self.unsure) or self.lease_until is not None

    def listing(self) -> Listing | None:
        """What the CRM refused waits for a person; so does what was only planned, two records of one person, and what
        was asked for too often without coming to an end: that is still asked for."""
        if self.parked_at is not None:
            return Listing(f"PARKED#crm_{self.crm}", self.parked_at)
        if self.planned_at is not None:
            return Listing(f"PLANNED#{self.crm}", self.planned_at)
        if self.tries > ASKED_AT_MOST and self.due_at is not None:
            return Listing(f"PARKED#undelivered_{self.crm}", self.due_at)
        return None if self.duplicate_at is None else Listing(f"DUPLICATE#{self.crm}", self.duplicate_at)


class MapRecord(Record):
    """A person's record in a CRM belongs to this lead; to none (`lead_id` empty) where we were told, at `erased_at`
    (UTC), to forget somebody whom we had never heard of. `erased_lead` is whose it was before, where that one was
    erased."""

    kind: ClassVar[str] = "map"
    crm: str
    crm_id: str
    lead_id: str
    erased_at: Instant | None = None
    erased_lead: str | None = None

    def key(self) -> Key[MapRecord]:
        """By the CRM's own id."""
        return map_key(self.crm, self.crm_id)


class AccountRecord(Record):
    """How a CRM account may be called, shared by all workers: what is left of our rate, and whether it is open."""

    kind: ClassVar[str] = "account"
    crm: str
    bucket: Bucket | None = None
    circuit: Circuit = OPEN

    def key(self) -> Key[AccountRecord]:
        """One for each CRM."""
        return account_key(self.crm)
