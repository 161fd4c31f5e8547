"""Whose touch it is: by its identities, through aliases, to one lead and those that are the same person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.identity import Identity, may_join
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import IdentRecord, LeadRecord, ident_key, lead_key
from leadrelay.ports.secrets import Secrets
from leadrelay.ports.store import Put, Store

_ALIASES = 20


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Keyed hashes that stand for people and leads, so that ids and keys say nothing about anybody."""

    secrets: Secrets

    def of(self, kind: str, value: str) -> str:
        """32 hex: HMAC-SHA-256 with the deployment's own key."""
        key = self.secrets.get("identity")["key"][0]
        return hmac.new(key.encode(), f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Found:
    """`winner` is the lead the touch belongs to (None: a new person), `losers` are the same person under other ids,
    `unnamed` are the identities that point to nobody yet."""

    winner: LeadRecord | None
    losers: tuple[LeadRecord, ...]
    unnamed: tuple[IdentRecord, ...]

    def names(self, lead_id: str) -> list[Put]:
        """The new identities, pointing to the lead."""
        return [Put(record.with_(lead_id=lead_id)) for record in self.unnamed]


def find(heard: Heard, store: Store, pseudonyms: Pseudonyms) -> Found:
    """Look every identity up. Only a touch with proven words may join two leads into one."""
    hashed = [(identity, pseudonyms.of(identity.kind, identity.value)) for identity in heard.identities]
    records = store.load_all([ident_key(identity.kind, pseudonym) for identity, pseudonym in hashed])
    unnamed = tuple(
        IdentRecord(version=1, identity=identity.kind, pseudonym=pseudonym, lead_id="")
        for (identity, pseudonym), record in zip(hashed, records, strict=True)
        if record is None
    )
    matched = _matched(heard, [identity for identity, _ in hashed], records, store)
    ranked = sorted(matched.values(), key=lambda record: (record.lead.captured_at, record.lead.lead_id))
    if heard.touch.trust != "verified":
        first = next(iter(matched.values()), None)
        return Found(winner=first, losers=(), unnamed=unnamed)
    return Found(winner=ranked[0] if ranked else None, losers=tuple(ranked[1:]), unnamed=unnamed)


def _matched(
    heard: Heard, identities: Sequence[Identity], records: Sequence[IdentRecord | None], store: Store
) -> dict[str, LeadRecord]:
    """The leads that the identities lead to, strongest identity first, without those that cannot be the same
    person."""
    found: dict[str, LeadRecord] = {}
    for identity, record in zip(identities, records, strict=True):
        lead = None if record is None else _living(record.lead_id, store)
        if lead is not None and may_join(identity.kind, heard.values, lead.profile):
            found.setdefault(lead.lead.lead_id, lead)
    return found


def _living(lead_id: str, store: Store) -> LeadRecord | None:
    """The lead behind an id, through the merges it went through."""
    for _ in range(_ALIASES):
        record = store.load(lead_key(lead_id))
        if record is None or record.lead.merged_into is None:
            return record
        lead_id = record.lead.merged_into
    raise Conflict(f"alias chain of {lead_id}")
