"""HubSpot's webhooks: hints that something happened to a contact or a deal.

An event names a record and, at most, one new value; it comes late, doubled and out of order, for a day. So nothing of
it is believed but that it is worth looking: `fetch.py` reads the record as it is now, and an old hint does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import Field, field_validator

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import believable, digest, options, unreadable
from connectors.kit.wild import Wild
from leadrelay.domain.model import Model
from leadrelay.domain.touch import CrmRecord, TouchDraft, Trust
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

MAX_EVENTS = 1000
"""A hundred at most were seen in one delivery; HubSpot promises no number."""
LAST_MILLISECOND = 253_402_300_799_999
_ADDRESS = re.compile(r"(?:https://[A-Za-z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::[0-9]{1,5})?/[!-$&-~]*")
_ID = re.compile(r"[0-9]{1,20}")
_TIMESTAMP = re.compile(r"[0-9]{13}")
_OWN, _FILE = "INTEGRATION", "IMPORT"
# The generic subscriptions say the kind of object by its type id.
_KINDS = {"0-1": "contact", "0-3": "deal"}
_CONTACT_EVENTS = {
    "creation": "created",
    "propertyChange": "edited",
    "associationChange": "edited",
    "restore": "edited",
    "merge": "edited",
    "deletion": "deleted",
}
_DEAL_EVENTS = frozenset({"creation", "propertyChange", "associationChange", "restore", "merge"})
"""Not `deletion`: with the deal its associations are gone, so nobody could say any more whose it was."""


class Options(Model):
    """What RevOps sets. For webhooks: `url`, the public address as it is typed into the HubSpot app (HubSpot signs it;
    percent escapes are not taken, because HubSpot decodes some of them before it signs), and `app_id`, whose own writes
    are not news. For `fetch`: `version` of the API, None is the connector's own; `properties` place some of our words
    in other HubSpot properties than `connector.toml` does, as in `crm.yaml`."""

    url: str = ""
    app_id: str = ""
    version: str | None = None
    properties: dict[str, str] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        if url and not _ADDRESS.fullmatch(url):
            raise ValueError("an https address with a path and without percent escapes")
        return url


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-HubSpot-Signature-v3: <base64 of HMAC-SHA256(app secret, method + url + body + timestamp)>`, at most five
    minutes old or ahead. The address is the one that was configured: behind a gateway the one that is seen is another.
    The older schemes (v1, v2) prove nothing here: they have no time. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "app_secret")
    url = options(Options, settings).url
    if not url:
        raise Misconfigured(f"source {settings.name!r} takes webhooks only with its option url")
    header, stamp = delivery.header("x-hubspot-signature-v3"), delivery.header("x-hubspot-request-timestamp")
    if not header:
        raise Unauthentic("signature_missing")
    if not _TIMESTAMP.fullmatch(stamp):
        raise Unauthentic("signature_form")
    if abs(now - _moment(int(stamp))) > signing.TOLERANCE:
        raise Unauthentic("signature_time")
    message = f"{delivery.method}{url}".encode() + delivery.body + stamp.encode()
    signing.check_body(values, message, header, "", signing.base64_text)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A touch for every event about a contact or a deal that we did not cause ourselves.

    The key is made of event, subscription, record and time: `eventId` alone is not unique in an account, and the number
    of the attempt must not be part of it, because a repeat is the same event. Raises Malformed when the body is no list
    of events.
    """
    body = _list(delivery.body)
    try:
        events = body.each(MAX_EVENTS)
    except Malformed as error:
        return [unreadable(delivery.body, error)]
    if not events:
        raise Malformed("body:no_events")
    app_id = options(Options, settings).app_id
    return list({draft.key: draft for event in events for draft in _drafts(event, app_id, now)}.values())


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx within five seconds; anything else is sent again, up to ten times in a day."""
    return replies.plain(outcome)


def _list(body: bytes) -> Wild:
    """The events; one alone was seen without its list."""
    if body.lstrip()[:1] != b"{":
        return json_body.read(body, "list")
    if json_body.read(body).get("subscriptionType").missing:
        raise Malformed("body:not_events")
    return json_body.read(b"[%s]" % body, "list")


def _drafts(event: Wild, app_id: str, now: datetime) -> Iterator[TouchDraft]:
    """One event we cannot read must not cost the other 99: it is kept with its reason."""
    if not event.is_object:
        raise Malformed("body:not_events")
    try:
        if not _is_own(event, app_id):
            yield from _told(event, now)
    except Malformed as error:
        said = digest(*(event.get(name).said(64) for name in ("eventId", "subscriptionId", "objectId", "occurredAt")))
        yield TouchDraft(kind="crm_change", key=f"unreadable:{said}", event="edited", problem=f"unreadable:{error}")


def _is_own(event: Wild, app_id: str) -> bool:
    return bool(app_id) and event.get("changeSource").said(64) == _OWN and event.get("sourceId").said(64) == app_id


def _told(event: Wild, now: datetime) -> Iterator[TouchDraft]:
    kind, _, action = event.get("subscriptionType").text(64).partition(".")
    if kind == "object":
        kind = _KINDS.get(event.get("objectTypeId").said(16), "")
    reader = _READERS.get(kind)
    draft = reader(event, action) if reader else None
    if draft is not None:
        yield draft.with_(key=_key(event), occurred_at=_occurred(event, now))


def _contact(event: Wild, action: str) -> TouchDraft | None:
    person = _record_id(event)
    if action == "privacyDeletion":
        return TouchDraft(kind="erasure", key="", record=_person(person))
    if action not in _CONTACT_EVENTS:
        return None
    gone = action == "deletion"
    from_file = action == "creation" and event.get("changeSource").said(64) == _FILE
    return TouchDraft(
        kind="crm_change",
        key="",
        event="imported" if from_file else _CONTACT_EVENTS[action],
        fetch_id=None if gone else f"contact:{person}",
        record=_person(person, _merged(event, person) if action == "merge" else ()),
    )


def _deal(event: Wild, action: str) -> TouchDraft | None:
    """Whose deal it is, is not told: `person` is empty until it was fetched."""
    if action not in _DEAL_EVENTS:
        return None
    deal = _record_id(event)
    record = CrmRecord(crm="hubspot", kind="deal", person="", record_id=deal)
    return TouchDraft(kind="crm_change", key="", event="deal", fetch_id=f"deal:{deal}", record=record)


_READERS: Mapping[str, Callable[[Wild, str], TouchDraft | None]] = {"contact": _contact, "deal": _deal}


def _person(person: str, was: tuple[str, ...] = ()) -> CrmRecord:
    return CrmRecord(crm="hubspot", kind="person", person=person, record_id=person, was=was)


def _record_id(event: Wild) -> str:
    """A merge may make a record of its own; a change of an association names the two ends only."""
    names = ("newObjectId", "primaryObjectId", "objectId", "fromObjectId")
    given = next((event.get(name) for name in names if not event.get(name).missing), event.get("objectId"))
    return _id(given)


def _merged(event: Wild, person: str) -> tuple[str, ...]:
    ids = [_id(one) for one in event.get("mergedObjectIds").each(MAX_EVENTS)]
    primary = event.get("primaryObjectId")
    ids += [] if primary.missing else [_id(primary)]
    return tuple(one for one in dict.fromkeys(ids) if one != person)


def _id(value: Wild) -> str:
    """Ids end up in paths: digits only."""
    found = value.identifier()
    if not _ID.fullmatch(found):
        raise value.refuse("not_an_id")
    return found


def _key(event: Wild) -> str:
    names = ("eventId", "subscriptionId", "occurredAt")
    parts = [event.get(name).optional_identifier() or "" for name in names]
    return ":".join(["event", *parts, event.get("subscriptionType").text(64), _record_id(event)])


def _occurred(event: Wild, now: datetime) -> datetime | None:
    at = event.get("occurredAt")
    return None if at.missing else believable(_moment(at.whole(0, LAST_MILLISECOND)), now)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
