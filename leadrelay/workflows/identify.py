"""Whose touch it is: by its identities, through aliases, to one lead and those that are the same person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.erasing import comes_back
from leadrelay.domain.person.identity import Identity, Matched, is_repeated, may_join, may_name, of_switchboard
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.touch import CrmRecord, Touch
from leadrelay.ports.records import IdentRecord, LeadRecord, MapRecord, lead_key
from leadrelay.ports.store import Key, Put, Store
from leadrelay.workflows.pseudonyms import Pseudonyms

_ALIASES = 100
"""How many merges a lead may have gone through."""


class Tangled(Exception):
    """Aliases that lead nowhere: in a circle, or through more merges than anybody can have gone through. A defect, or
    a hand in the table: waiting does not help."""


@dataclass(frozen=True, slots=True)
class Found:
    """`winner` is the lead the touch belongs to (None: a new person), `losers` are the same person under other ids,
    `unnamed` are the identities and the CRM's record that point to nobody yet, or to nobody any more. `by` is what led
    to each of the leads, by lead id, strongest first; `learnt` are identities that turned out to be others' too.
    `erased`: whose it is was erased since then, and it does not bring them back."""

    winner: LeadRecord | None
    losers: tuple[LeadRecord, ...]
    unnamed: tuple[IdentRecord | MapRecord, ...]
    by: Mapping[str, tuple[Matched, ...]] = field(default_factory=dict)
    learnt: tuple[IdentRecord, ...] = ()
    erased: bool = False

    def names(self, lead_id: str) -> list[Put]:
        """The new identities, pointing to the lead, and what was learnt of known ones."""
        return [*(Put(record.with_(lead_id=lead_id)) for record in self.unnamed), *map(Put, self.learnt)]

    def matched_by(self, lead: LeadRecord | None) -> tuple[Matched, ...]:
        """What led to this lead."""
        return () if lead is None else self.by.get(lead.lead.lead_id, ())


@dataclass(frozen=True, slots=True)
class Name:
    """An identity of a touch, the place where it is kept, and what is kept there."""

    identity: Identity
    place: IdentRecord
    record: IdentRecord | None


@dataclass
class _Matches:
    """The leads that are found, strongest evidence first, with what led to them. `erased`: the
    strongest leads to somebody who was erased since then; `free` are identities that lead to nobody any more."""

    leads: dict[str, LeadRecord] = field(default_factory=dict)
    by: dict[str, tuple[Matched, ...]] = field(default_factory=dict)
    learnt: list[IdentRecord] = field(default_factory=list)
    erased: bool = False
    free: dict[Key[IdentRecord], IdentRecord] = field(default_factory=dict)

    def add(self, lead: LeadRecord, kind: Matched) -> None:
        lead_id = lead.lead.lead_id
        self.leads.setdefault(lead_id, lead)
        self.by[lead_id] = tuple(dict.fromkeys((*self.by.get(lead_id, ()), kind)))

    def told_apart(self, lead: LeadRecord) -> bool:
        """Whether a person said that this lead and one that is found are two people."""
        return any(lead.lead.is_apart(other.lead) for other in self.leads.values())


def find(heard: Heard, policy: FieldsPolicy, store: Store, pseudonyms: Pseudonyms) -> Found:
    """Look every identity up. Only a touch with proven words may join two leads into one. Raises Tangled."""
    names = named(heard, store, pseudonyms)
    records = places(heard.touch.record)
    mapped = store.load_all([place.key() for place in records])
    matches = _matched(heard, names, policy, store, _shown_as(mapped, store))
    matched = [*matches.leads.values()]
    proven = heard.touch.trust == "verified"
    ranked = sorted(matched, key=_rank) if proven else matched[:1]
    winner = ranked[0] if ranked else None
    if matches.erased:
        return Found(None, (), (), erased=True)
    return Found(
        winner=winner,
        losers=tuple(ranked[1:]),
        unnamed=(
            *(place for place, record in zip(records, mapped, strict=True) if record is None),
            *(
                matches.free.get(name.place.key(), name.place)
                for name in names
                if (name.record is None or name.place.key() in matches.free)
                and (winner is None or may_name(name.identity, heard.touch.trust, winner.profile))
            ),
        ),
        by=matches.by,
        learnt=tuple(matches.learnt) if proven else (),
    )


def named(heard: Heard, store: Store, pseudonyms: Pseudonyms) -> list[Name]:
    """The identities of a touch with what is known of each. A number that turned out to be many people's names somebody
    only together with the name they gave."""
    names = _looked_up(heard.identities, store, pseudonyms)
    shared = [name.identity for name in names if name.record is not None and name.record.is_shared]
    told = tuple(of_switchboard(each, heard.values) if each in shared else each for each in heard.identities)
    names = _looked_up(told, store, pseudonyms) if shared else names
    return [_as_kept_before(name, heard.touch.vendor, store, pseudonyms) for name in names]


def _as_kept_before(name: Name, vendor: str, store: Store, pseudonyms: Pseudonyms) -> Name:
    """Chats were kept among the browsers' ids once. There one still counts, for a lead that its vendor brought: whoever
    speaks through another door can only have made it up."""
    if name.identity.kind != "chat" or name.record is not None:
        return name
    [former] = _looked_up([name.identity.with_(kind="anonymous")], store, pseudonyms)
    lead = None if former.record is None else living(former.record.lead_id, store)
    brought = lead is not None and vendor in {each.vendor for each in (lead.lead.first, lead.lead.last) if each}
    return Name(name.identity, name.place, former.record) if brought else name


def _looked_up(identities: Sequence[Identity], store: Store, pseudonyms: Pseudonyms) -> list[Name]:
    places = [
        IdentRecord(version=1, identity=each.kind, pseudonym=pseudonyms.of(each.kind, each.value), lead_id="")
        for each in identities
    ]
    records = store.load_all([place.key() for place in places])
    return [Name(*each) for each in zip(identities, places, records, strict=True)]


def places(record: CrmRecord | None) -> list[MapRecord]:
    """Where the CRM's record, and those that became it, point to their lead."""
    ids = () if record is None else dict.fromkeys((record.person, *record.was))
    return [MapRecord(version=1, crm=record.crm, crm_id=crm_id, lead_id="") for crm_id in ids if record is not None]


def _shown_as(mapped: Sequence[MapRecord | None], store: Store) -> _Matches:
    """The leads that the CRM shows as this record: one person, because the CRM says so."""
    matches = _Matches()
    erased = False
    for record in mapped:
        lead = None if record is None else living(record.lead_id, store)
        if record is not None and _erased_at(record, lead) is not None:
            erased = True  # what the CRM still shows of them brings nobody back
        elif lead is not None and not matches.told_apart(lead):
            matches.add(lead, "crm")
    matches.erased = erased and not matches.leads
    return matches


def _erased_at(record: IdentRecord | MapRecord, lead: LeadRecord | None) -> datetime | None:
    """When whom this leads to was erased; None while somebody lives there."""
    if lead is None:
        return record.erased_at
    return lead.lead.erased_at


def _is_lost(record: IdentRecord, lead: LeadRecord | None, touch: Touch, matches: _Matches) -> bool:
    """Whether an identity leads to nobody any more: then it is free for who comes back. An older touch, also of
    somebody who came back since, is not taken in where nothing stronger tells whose it is."""
    erased_at = _erased_at(record, lead)
    former = record.erased_at is not None and touch.occurred_at <= record.erased_at
    if not matches.leads and (former or (erased_at is not None and not comes_back(touch, erased_at))):
        matches.erased = True
    if erased_at is None and lead is not None:
        return False
    matches.free[record.key()] = record.with_(version=record.version + 1, erased_at=erased_at)
    return True


def _rank(record: LeadRecord) -> tuple[bool, bool, datetime, str]:
    """Who stays when two leads are one: whom a rep works already, then who has a place, then who came first."""
    lead = record.lead
    return (lead.ownership.rep is None, not lead.ownership.placed, lead.captured_at, lead.lead_id)


def _matched(heard: Heard, names: Sequence[Name], policy: FieldsPolicy, store: Store, matches: _Matches) -> _Matches:
    """The `matches` there are already and those that the identities lead to, strongest identity first, without those
    that cannot be the same person as the touch or as a stronger match. Our own unproven word, coming back, joins
    nobody."""
    said, shown = heard.values, [*matches.leads.values()]
    for name in names:
        identity, record = name.identity, name.record
        repeated = any(is_repeated(identity, heard.values, lead.profile) for lead in shown)
        lead = None if record is None or repeated else living(record.lead_id, store)
        if record is not None and not repeated and _is_lost(record, lead, heard.touch, matches):
            continue
        if lead is None or record is None or matches.told_apart(lead):
            continue
        if may_join(identity.kind, said, lead.profile, policy):
            matches.add(lead, identity.kind)
            said = {**lead.profile.plain(), **said}
        elif identity.kind == "phone":
            matches.learnt += _given_by_another(record, names)
    return matches


def _given_by_another(record: IdentRecord, names: Sequence[Name]) -> list[IdentRecord]:
    """What is learnt when somebody with an address of their own gives another's number."""
    address = next((name.place.pseudonym for name in names if name.identity.kind == "email"), None)
    if address is None or address in record.also:
        return []
    return [record.with_(version=record.version + 1, also=(*record.also, address))]


def living(lead_id: str, store: Store) -> LeadRecord | None:
    """The lead behind an id, through the merges it went through. Raises Tangled."""
    seen: set[str] = set()
    while lead_id not in seen and len(seen) < _ALIASES:
        record = store.load(lead_key(lead_id))
        if record is None or record.lead.merged_into is None:
            return record
        seen.add(lead_id)
        lead_id = record.lead.merged_into
    raise Tangled(f"the aliases of lead {lead_id} do not end")
