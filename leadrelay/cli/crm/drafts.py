"""A page of a CRM's people as touches: whoever is there is known from the CRM alone, and left in peace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from leadrelay.domain.card.card import PERSON
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, CrmRecord, Deal, TouchDraft, Words
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import OpenDeal, PeoplePage

_RECOGNISED_BY = ("email", "phone")


def recognised(person: Snapshot) -> bool:
    """Whether there is an address or a number: without one, nobody who comes later could be known again as them."""
    return any(person.fields.get(name) for name in _RECOGNISED_BY)


def drafts(page: PeoplePage, crm: str) -> Iterator[TouchDraft]:
    """The people of a page whom one can recognise, each followed by their open deals."""
    for person in page.people:
        if recognised(person):
            yield _person(person, crm)
            yield from (_deal(deal, person, crm) for deal in page.deals if deal.crm_id == person.crm_id)


def _person(person: Snapshot, crm: str) -> TouchDraft:
    record = CrmRecord(
        crm=crm,
        kind="person",
        person=person.crm_id,
        record_id=person.crm_id,
        owner=code(person.owner_id),
        status=code(person.fields.get("lead_status")),
        stage=code(person.fields.get("lifecycle_stage")),
    )
    return _keyed(f"import:{person.crm_id}", "imported", record, _words(person))


def _deal(deal: OpenDeal, person: Snapshot, crm: str) -> TouchDraft:
    """It says whose it is as the person's own touch does: which of the two is worked first is left to chance."""
    record = CrmRecord(
        crm=crm,
        kind="deal",
        person=person.crm_id,
        record_id=deal.deal_id,
        deal=Deal(state="open", amount=deal.amount, currency=deal.currency),
    )
    return _keyed(f"import:deal:{deal.deal_id}", "deal", record, _words(person))


def _words(person: Snapshot) -> Words:
    said = ((PERSON[name], text) for name, text in person.fields.items() if name in PERSON and text)
    return Words(answers=tuple(Answer(key=field, values=(text,)) for field, text in sorted(said)))


def _keyed(name: str, event: str, record: CrmRecord, words: Words) -> TouchDraft:
    """Named after what it shows: a second import takes only what has changed since."""
    shown = hashlib.sha256(f"{record.model_dump_json()}\0{words.model_dump_json()}".encode()).hexdigest()
    return TouchDraft(kind="crm_change", key=f"{name}:{shown}", event=event, words=words, record=record)
