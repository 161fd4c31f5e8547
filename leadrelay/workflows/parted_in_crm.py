"""What the CRM has to show once two people are two again: whose record it is, and which fields there are the other's.

A record that the winner had taken over goes back to the one who had it, if that one has an address to be found by;
else it stays where it is and the other gets a new one. What we wrote of the one into the other's record is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from leadrelay.domain.card.card import PERSON, STAGE, digest
from leadrelay.domain.card.facts import CrmSynced
from leadrelay.domain.facts import Context
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import LogRecord, MapRecord, SyncRecord, map_key, sync_key
from leadrelay.ports.store import Put, Record, Store
from leadrelay.workflows.deliver.inherit import handed_back

_SOON = timedelta(minutes=1)
_LEASE = 90.0
"""Seconds after which whoever is writing a record now has ended."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the two: the lead that stands for them, their profile by itself, and the stage that they have not reached
    after all, if there is one."""

    lead_id: str
    profile: Profile
    receded: str | None = None


@dataclass(frozen=True, slots=True)
class InCrm:
    """One unmerge, as one CRM shows it. `chain` are the leads from the one that had absorbed `lives` to the one that
    `stays`, `story` is all that is stored beside the lead that `lives` again."""

    chain: Sequence[str]
    stays: Person
    lives: Person
    story: Sequence[Record]
    crm: str
    store: Store

    def puts(self, puts: Sequence[Put], context: Context) -> tuple[Put, ...]:
        """The puts of the unmerge, with the sync rows as they must be. Raises Retry while a worker writes one of the
        records."""
        rows = self._rows(puts)
        if any(row.lease_until is not None and row.lease_until > context.at for row in rows.values()):
            raise Retry(_LEASE, "the CRM is being written just now")
        others = self._parted(rows)
        before = {lead_id: self.store.load(row.key()) for lead_id, row in rows.items()}
        written = {put.record.key() for put in puts if isinstance(put.record, SyncRecord)}
        kept = (put for put in puts if put.record.key() not in written)
        changed = (row for lead_id, row in rows.items() if row.key() in written or row != before[lead_id])
        return (*kept, *(Put(_due(row, before[row.lead_id], context)) for row in changed), *others)

    def _rows(self, puts: Sequence[Put]) -> dict[str, SyncRecord]:
        """The rows as they would be written, else as they are."""
        written = {put.record.lead_id: put.record for put in puts if isinstance(put.record, SyncRecord)}
        leads = (*self.chain, self.lives.lead_id)
        found = {each: written.get(each) or self.store.load(sync_key(each, self.crm)) for each in leads}
        return {lead_id: row for lead_id, row in found.items() if row is not None}

    def _parted(self, rows: dict[str, SyncRecord]) -> list[Put]:
        """Changes the rows; returns what else must be written."""
        stays, lives = self.stays, self.lives
        mine, theirs = rows.get(stays.lead_id), rows.get(lives.lead_id)
        if mine is not None and theirs is not None and _was_theirs(mine, theirs, self.story):
            return self._hand_over(rows, mine, theirs)
        for one, other in ((stays, lives), (lives, stays)):
            if one.lead_id in rows:
                rows[one.lead_id] = _put_right(rows[one.lead_id], one, other)
        return []

    def _hand_over(self, rows: dict[str, SyncRecord], mine: SyncRecord, theirs: SyncRecord) -> list[Put]:
        """Back to the other, who is found there by the address; one without an address begins anew."""
        stays, lives = self.stays, self.lives
        if lives.profile.text("lead.email") is None:
            rows[stays.lead_id] = _put_right(mine, stays, lives)
            rows[lives.lead_id] = theirs.with_(written=0, card=None)
            return []
        begun, back = handed_back(mine, theirs)
        rows[stays.lead_id], rows[lives.lead_id] = begun, _put_right(back, lives, stays)
        return list(_mapped(mine, lives.lead_id, self.store))


def _was_theirs(mine: SyncRecord, theirs: SyncRecord, story: Sequence[Record]) -> bool:
    """Whether the winner shows in a record that had shown the other."""
    said = (read(fact) for row in story if isinstance(row, LogRecord) for fact in row.facts if fact.name == "CrmSynced")
    shown = {fact.crm_id for fact in said if isinstance(fact, CrmSynced) and fact.crm == mine.crm}
    return theirs.crm_id is None and mine.crm_id is not None and mine.crm_id in shown


def _mapped(row: SyncRecord, lead_id: str, store: Store) -> Iterator[Put]:
    known = store.load(map_key(row.crm, row.crm_id or ""))
    version = 1 if known is None else known.version + 1
    yield Put(MapRecord(version=version, crm=row.crm, crm_id=row.crm_id or "", lead_id=lead_id))


def _put_right(row: SyncRecord, own: Person, other: Person) -> SyncRecord:
    """What the record took from us, that was the other's word, is to be taken back; so is a stage that we wrote."""
    astray = {name for name, field in PERSON.items() if _is_theirs(row.shows, name, field, own.profile, other.profile)}
    if own.receded is not None and row.values.get(STAGE) == digest(own.receded):
        astray.add(STAGE)
    return row.with_(astray=tuple(sorted({*row.astray, *astray})))


def _is_theirs(shows: Mapping[str, str], name: str, field: str, own: Profile, other: Profile) -> bool:
    mine, theirs = own.text(field), other.text(field)
    return theirs is not None and theirs != mine and shows.get(name) == digest(theirs)


def _due(row: SyncRecord, before: SyncRecord | None, context: Context) -> SyncRecord:
    """In its next version; what changed must be shown, whether or not the card says anything new."""
    version = 1 if before is None else before.version + 1
    return row.with_(version=version, quiet_until=None, due_at=row.due_at or context.at + _SOON)
