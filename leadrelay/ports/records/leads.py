"""Records of who it is and whose: leads, identities."""

from __future__ import annotations

from typing import ClassVar

from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant
from leadrelay.domain.person.profile import Profile
from leadrelay.ports.store import ASKED_AT_MOST, Due, Key, Listing, Record

_MANY = 2
"""A number is many people's when so many gave it beside the first."""


def lead_key(lead_id: str) -> Key[LeadRecord]:
    """Where a lead is."""
    return Key(f"LEAD#{lead_id}", "LEAD", LeadRecord)


def ident_key(kind: str, pseudonym: str) -> Key[IdentRecord]:
    """Where an identity points to its lead; `pseudonym` is its keyed hash."""
    return Key(f"IDENT#{kind}#{pseudonym}", "IDENT", IdentRecord)


class LeadRecord(Record):
    """A lead with its profile. Its clocks live in it: a clock that fires is a change of the lead like any other.
    `carrier` is the rep among whose open leads it is counted."""

    kind: ClassVar[str] = "lead"
    lead: Lead
    profile: Profile
    carrier: str | None = None

    def key(self) -> Key[LeadRecord]:
        """By lead id."""
        return lead_key(self.lead.lead_id)

    def due(self) -> Due | None:
        """At its next checkpoint."""
        at = self.lead.due_at()
        return None if at is None else Due("clock", at)

    def listing(self) -> Listing | None:
        """The owner's page, the queue's, or that of the pool where it waits for an owner: not while it rests. One that
        nobody has because nobody answers whose it is waits for a person."""
        owner, wanted = self.lead.ownership, self.lead.wanted
        if self.lead.erased_at is not None:
            return None
        if wanted is not None and wanted.asked > ASKED_AT_MOST and not owner.placed:
            return Listing("PARKED#unassigned", wanted.since or self.lead.captured_at)
        if owner.since is None or self.lead.merged_into is not None:
            return None
        if owner.waits is not None:
            return Listing(f"WAITING#{owner.pool}", owner.since) if self.lead.waits else None
        return Listing(f"OWNER#{owner.rep}" if owner.rep else f"BACKLOG#{owner.queue}", owner.since)


class IdentRecord(Record):
    """An identity points to a lead; a merged lead is an alias of its winner. `also` are the addresses (keyed hashes) of
    others who gave the same number. The person whose it was until `erased_at` (UTC) was removed: what they did before
    is not taken in any more. Without a lead (`lead_id` empty) it is nobody's."""

    kind: ClassVar[str] = "ident"
    identity: str
    pseudonym: str
    lead_id: str
    also: tuple[str, ...] = ()
    erased_at: Instant | None = None

    def key(self) -> Key[IdentRecord]:
        """By kind and keyed hash."""
        return ident_key(self.identity, self.pseudonym)

    @property
    def is_shared(self) -> bool:
        """Whether so many people gave it that it is a switchboard's: its lead and two others."""
        return len(self.also) >= _MANY
