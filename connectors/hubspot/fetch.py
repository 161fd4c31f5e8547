"""Reading from HubSpot: the record a webhook hinted at, as it is now, and, for accounts without webhooks, what changed.

Deleted records are in no search: polling learns of a deletion when the record is next written to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from connectors.hubspot import sweep
from connectors.hubspot.engagements import ENGAGEMENTS, SOURCE, draft, moment
from connectors.hubspot.fields import KEY
from connectors.hubspot.lookup import Contact
from connectors.hubspot.reading import Reading, Row, reading
from connectors.hubspot.shown import CRM, DEAL_PROPERTIES, Deals, person, said
from connectors.hubspot.source import Options
from connectors.hubspot.sweep import Place
from connectors.hubspot.transport import is_id
from connectors.kit.drafts import chosen
from leadrelay.domain.model import code
from leadrelay.domain.touch import CrmRecord, Origin, Touch, TouchDraft, Words
from leadrelay.ports.errors import Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch

CONTACTS, DEALS = "contacts", "deals"
CREATED = "createdate"
CHANGED = {CONTACTS: "lastmodifieddate"}
"""The property with the time of the last change; `hs_lastmodifieddate` for every other kind."""
NAMED = re.compile(r"(contact|deal):([0-9]{1,20})")
LONGEST_CURSOR = 4096
FOLLOWED = (CONTACTS, DEALS, *ENGAGEMENTS)


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """One account. `secret` has the `token`; `endpoint` replaces HubSpot's address. Raises Misconfigured."""
    wanted = chosen(Options, options, "the HubSpot source")
    return HubSpotRecords(reading(secret, endpoint, wanted.version, wanted.properties))


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class HubSpotRecords:
    """Fetch over one account. `now` only moves a quiet account's cursor on."""

    def __init__(self, reading: Reading, now: Callable[[], datetime] = utc_now) -> None:
        self._reading = reading
        self._now = now
        self._deals = Deals(reading)
        self._key = reading.fields.of(KEY).name

    # -- one record, now

    def complete(self, touch: Touch) -> Completed:
        """The contact or deal that `touch.fetch_id` names, as it is now; one that is gone was deleted. Raises Reject
        (no id of ours), Retry, Misconfigured."""
        named = NAMED.fullmatch(touch.fetch_id or "")
        if not named:
            raise Reject("unresolvable", "fetch_id names no HubSpot contact or deal")
        return (self._contact if named[1] == "contact" else self._deal)(named[2])

    def _contact(self, contact_id: str) -> Completed:
        contact = self._reading.contacts([contact_id]).get(contact_id)
        if contact is None:
            gone = CrmRecord(crm=CRM, kind="person", person=contact_id, record_id=contact_id)
            return Completed(Words(), Origin(), record=gone, event="deleted")
        return Completed(said(contact, self._reading.fields), Origin(), record=person(contact, self._reading.fields))

    def _deal(self, deal_id: str) -> Completed:
        """A deal of several people counts for the one who is ours, else for the first."""
        found = self._reading.records(DEALS, [deal_id], DEAL_PROPERTIES)
        if not found:
            gone = CrmRecord(crm=CRM, kind="deal", person="", record_id=deal_id)
            return Completed(Words(), Origin(), record=gone, event="deleted")
        contact = self._whose(deal_id)
        record = CrmRecord(
            crm=CRM,
            kind="deal",
            person=contact.crm_id if contact else "",
            record_id=deal_id,
            reason=code(found[0].get("closed_lost_reason")),
            was=person(contact, self._reading.fields).was if contact else (),
            deal=self._deals.shown(found[0]),
        )
        return Completed(said(contact, self._reading.fields) if contact else Words(), Origin(), record=record)

    def _whose(self, deal_id: str) -> Contact | None:
        ids = self._reading.associated(DEALS, CONTACTS, [deal_id]).get(deal_id, [])
        found = self._reading.contacts(ids)
        contacts = [found[one] for one in ids if one in found]
        ours = (contact for contact in contacts if contact.properties.get(self._key))
        return next(ours, contacts[0] if contacts else None)

    # -- what changed

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """A page of each kind of record: contacts, deals, and what reps did. All or nothing: a failure raises, and the
        cursor stays where it was. See `sweep` for why nothing is missed while the index lags less than a minute."""
        now = self._now()
        places = _places(cursor, now)
        if cursor is None:
            return (), _cursor(places)
        drafts: list[TouchDraft] = []
        for kind in FOLLOWED:
            rows = self._reading.search(kind, self._question(kind, places[kind]))
            drafts += self._drafts(kind, rows, places[kind])
            page = [(_changed(kind, row), int(row[0])) for row in rows]
            places[kind] = sweep.after(places[kind], page, now)
        drafts.sort(key=lambda found: (found.occurred_at or now, found.key))
        return drafts, _cursor(places)

    def _question(self, kind: str, place: Place) -> dict[str, object]:
        asked: Mapping[str, Sequence[str]] = {CONTACTS: (CREATED, SOURCE, self._key), DEALS: ()}
        properties = asked[kind] if kind in asked else ENGAGEMENTS[kind].asked
        return sweep.question(place, _changing(kind), properties)

    def _drafts(self, kind: str, rows: Sequence[Row], place: Place) -> Iterator[TouchDraft]:
        if kind == CONTACTS:
            yield from (self._hint("contact", row, self._event(row, place)) for row in rows)
        elif kind == DEALS:
            yield from (self._hint("deal", row, "deal") for row in rows)
        else:
            yield from self._activities(kind, rows)

    def _event(self, row: Row, place: Place) -> str:
        """Somebody who does not carry our key and was made within our watch is new to us; who came with a file is not
        somebody who waits."""
        made = moment(row[1].get(CREATED))
        if row[1].get(self._key) or made is None or sweep.milliseconds(made) < place.new_from:
            return "edited"
        return "imported" if row[1].get(SOURCE) == "IMPORT" else "created"

    def _hint(self, what: str, row: Row, event: str) -> TouchDraft:
        """Like a webhook's: the record itself is read when the touch is completed."""
        kind, record_id = CONTACTS if what == "contact" else DEALS, row[0]
        changed = _changed(kind, row)
        return TouchDraft(
            kind="crm_change",
            key=f"{what}:{record_id}:{changed}",
            event=event,
            fetch_id=f"{what}:{record_id}",
            occurred_at=datetime.fromtimestamp(changed / 1000, UTC),
            record=CrmRecord(
                crm=CRM,
                kind="person" if kind == CONTACTS else "deal",
                person=record_id if kind == CONTACTS else "",
                record_id=record_id,
            ),
        )

    def _activities(self, kind: str, rows: Sequence[Row]) -> Iterator[TouchDraft]:
        heard = {record_id: told for record_id, found in rows if (told := ENGAGEMENTS[kind].heard(found))}
        people = self._reading.associated(kind, CONTACTS, list(heard)) if heard else {}
        for record_id, told in heard.items():
            yield from (draft(record_id, contact, told) for contact in people.get(record_id, ()))


def _changing(kind: str) -> str:
    return CHANGED.get(kind, "hs_lastmodifieddate")


def _changed(kind: str, row: Row) -> int:
    """Milliseconds. Raises Retry: a row without its time would let us pass it by."""
    at = moment(row[1].get(_changing(kind)))
    if at is None or not is_id(row[0]):
        raise Retry(300.0, f"HubSpot's search shows {kind} without id or time of change", "outage")
    return sweep.milliseconds(at)


def _places(cursor: str | None, now: datetime) -> dict[str, Place]:
    """Where we are with each kind; one that the cursor does not know begins now. Raises Reject."""
    if cursor is None:
        return dict.fromkeys(FOLLOWED, sweep.first(now))
    try:
        given = dict(json.loads(cursor[:LONGEST_CURSOR]).items())
        return {kind: sweep.read(given[kind]) if kind in given else sweep.first(now) for kind in FOLLOWED}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Reject("cursor", "the cursor of the HubSpot source is unreadable; remove it to begin anew") from None


def _cursor(places: Mapping[str, Place]) -> str:
    return json.dumps({kind: asdict(place) for kind, place in places.items()}, separators=(",", ":"))
