"""People to be erased: what they say carries canaries, and so does what it came in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from leadrelay.domain.touch import CrmRecord, TouchDraft, Trust, touch_id
from leadrelay.ports.records import LeadRecord, TouchRecord, touch_key
from leadrelay.ports.source import Delivery, Reply
from leadrelay.workflows.erasures import Erasures
from leadrelay.workflows.pseudonyms import Pseudonyms
from tests.system import System, Told
from tests.workflows import lives

CANARIES = {
    "email": "canary.person@firma.example",
    "phone": "+48 600 700 800",
    "first_name": "Canaria",
    "last_name": "Canarsky",
    "job_title": "Canary Director",
    "message": "call my canary at night",
}
SEEN = ("canary", "canaria", "canarsky", "600700800", "600 700 800")


def form(key: str, intent: str = "newsletter", **fields: str) -> TouchDraft:
    return lives.draft(key, form=intent, **fields)


def tell(
    system: System, *drafts: TouchDraft, source: str = "website", trust: Trust = "verified", body: bytes | None = None
) -> Reply:
    """A delivery whose bytes hold what its touches say."""
    said = body or json.dumps([draft.model_dump(mode="json") for draft in drafts]).encode()
    ingest = replace(system.ingest, sources=lambda _: Told(drafts, trust))
    return ingest(source, Delivery("POST", {}, (), said))


def hear(system: System, *drafts: TouchDraft, **how: object) -> None:
    """These touches, a minute apart, and all that follows."""
    for draft in drafts:
        assert tell(system, draft, **how).status == 200  # type: ignore[arg-type]
        system.settle()
        system.later(minutes=1)


def deleted(key: str) -> TouchDraft:
    """A sender takes back what it told under this key."""
    return TouchDraft(kind="erasure", key=f"deleted:{key}", fetch_id=key)


def forget_in_crm(person: str) -> TouchDraft:
    """Somebody erased a person in the CRM."""
    return TouchDraft(
        kind="erasure",
        key=f"privacy:{person}",
        record=CrmRecord(crm="hubspot", kind="person", person=person, record_id=person),
    )


def by_hand(system: System, store: Any) -> Erasures:
    """What the command line does."""
    return Erasures(store, system.rules, Pseudonyms(system.secrets), system.clock, system.telemetry)


def ask(system: System, lead_id: str) -> None:
    """A person asks for it by the lead's id."""
    by_hand(system, system.store)(lead_id)
    system.later(seconds=1)
    for _ in range(3):
        system.later(minutes=2)


def one(system: System) -> LeadRecord:
    [record] = system.leads()
    return record


def touch(system: System, key: str, source: str = "website") -> TouchRecord:
    record = system.store.load(touch_key(touch_id(source, key)))
    assert record is not None
    return record


def left(system: System, *canaries: str) -> list[str]:
    """Where anything of a person is still to be read, in the store and in what was said."""
    found = [
        f"{pk}/{sk}"
        for (pk, sk), row in system.store._rows.items()
        if any(canary in f"{pk} {sk} {row.body}".casefold() for canary in canaries or SEEN)
    ]
    return sorted(found)
