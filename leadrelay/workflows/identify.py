"""Whose touch it is: by its identities, through aliases, to one lead and those that are the same person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.identity import is_repeated, may_join, may_name
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.touch import CrmRecord
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import IdentRecord, LeadRecord, MapRecord, lead_key
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
    `unnamed` are the identities and the CRM's record that point to nobody yet."""

    winner: LeadRecord | None
    losers: tuple[LeadRecord, ...]
    unnamed: tuple[IdentRecord | MapRecord, ...]

    def names(self, lead_id: str) -> list[Put]:
        """The new identities, pointing to the lead."""
        return [Put(record.with_(lead_id=lead_id)) for record in self.unnamed]


def find(heard: Heard, policy: FieldsPolicy, store: Store, pseudonyms: Pseudonyms) -> Found:
    """Look every identity up. Only a touch with proven words may join two leads into one."""
    names = [
        IdentRecord(version=1, identity=each.kind, pseudonym=pseudonyms.of(each.kind, each.value), lead_id="")
        for each in heard.identities
    ]
    records = store.load_all([name.key() for name in names])
    places = _places(heard.touch.record)
    mapped = store.load_all([place.key() for place in places])
    matched = _matched(heard, records, policy, store, _shown_as(mapped, store))
    proven = heard.touch.trust == "verified"
    ranked = sorted(matched, key=_rank) if proven else matched[:1]
    winner = ranked[0] if ranked else None
    return Found(
        winner=winner,
        losers=tuple(ranked[1:]),
        unnamed=(
            *(place for place, record in zip(places, mapped, strict=True) if record is None),
            *(
                name
                for identity, name, record in zip(heard.identities, names, records, strict=True)
                if record is None and (winner is None or may_name(identity, heard.touch.trust, winner.profile))
            ),
        ),
    )


def _places(record: CrmRecord | None) -> list[MapRecord]:
    """Where the CRM's record, and those that became it, point to their lead."""
    ids = () if record is None else dict.fromkeys((record.person, *record.was))
    return [MapRecord(version=1, crm=record.crm, crm_id=crm_id, lead_id="") for crm_id in ids if record is not None]


def _shown_as(mapped: Sequence[MapRecord | None], store: Store) -> dict[str, LeadRecord]:
    """The leads that the CRM shows as this record: one person, because the CRM says so."""
    living = (_living(record.lead_id, store) for record in mapped if record is not None)
    return {lead.lead.lead_id: lead for lead in living if lead is not None}


def _rank(record: LeadRecord) -> tuple[bool, bool, datetime, str]:
    """Who stays when two leads are one: whom a rep works already, then who has a place, then who came first."""
    lead = record.lead
    return (lead.ownership.rep is None, not lead.ownership.placed, lead.captured_at, lead.lead_id)


def _matched(
    heard: Heard,
    records: Sequence[IdentRecord | None],
    policy: FieldsPolicy,
    store: Store,
    found: dict[str, LeadRecord],
) -> list[LeadRecord]:
    """The leads `found` already and those that the identities lead to, strongest identity first, without those that
    cannot be the same person as the touch or as a stronger match. Our own unproven word, coming back, joins nobody."""
    said, shown = heard.values, [*found.values()]
    for identity, record in zip(heard.identities, records, strict=True):
        repeated = any(is_repeated(identity, heard.values, lead.profile) for lead in shown)
        lead = None if record is None or repeated else _living(record.lead_id, store)
        if lead is not None and may_join(identity.kind, said, lead.profile, policy):
            found.setdefault(lead.lead.lead_id, lead)
            said = {**lead.profile.plain(), **said}
    return list(found.values())


def _living(lead_id: str, store: Store) -> LeadRecord | None:
    """The lead behind an id, through the merges it went through."""
    for _ in range(_ALIASES):
        record = store.load(lead_key(lead_id))
        if record is None or record.lead.merged_into is None:
            return record
        lead_id = record.lead.merged_into
    raise Conflict(f"alias chain of {lead_id}")
