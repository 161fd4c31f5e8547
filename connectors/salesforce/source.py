"""Salesforce's messages: hints that something happened to a record.

An outbound message says what a record showed when it was sent; it comes late, repeated and out of order for a day, so
nothing of it is believed but that it is worth looking: `fetch.py` reads the record as it is now, and an old hint does
no harm.

Salesforce does not sign its messages. What proves them is a secret of ours in the address that the message is sent to
(`?token=`), compared in constant time, together with the id of the organisation, which is no secret. Whoever runs their
own gateway can also demand Salesforce's client certificate (mutual TLS) or allow only Salesforce's networks: both
happen before a request comes here, and neither tells one organisation from another, so the token stays necessary. The
address stands in the set-up of the outbound message and in gateways' access logs: leave queries out of those.

Change events come over an event bus instead (`changes.py`). The messages of Flow callouts are of the account's own
making and belong to a `standard_webhooks` source with a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator

from connectors.kit import replies, signing
from connectors.kit.drafts import believable, options
from connectors.kit.wild import Wild
from connectors.salesforce import changes, soap
from connectors.salesforce.channels import channel
from connectors.salesforce.ids import long_id
from connectors.salesforce.soap import Element
from leadrelay.domain.model import Model
from leadrelay.domain.touch import CONTACT_EVENTS, CrmRecord, TouchDraft, Trust
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Door, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

DOORS: tuple[Door, ...] = ("http", "bus")
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
MAX_NOTIFICATIONS = 100
_TYPE = "http://www.w3.org/2001/XMLSchema-instance type"
_COMPLETED = "Completed"
_TIMES = ("LastModifiedDate", "SystemModstamp", "CreatedDate")
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<soapenv:Envelope xmlns:soapenv="{soap.ENVELOPE}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>%s</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]


class Options(Model):
    """What RevOps sets: `organization_id` of the org that sends (15 or 18 characters); `own_user`, the id of the user
    that LeadRelay acts as, whose change events are no news. For `fetch`: `default_currency` of amounts, or
    `multi_currency` where each deal has its own; `reason_fields`, the field that says why, by object; `task_types`,
    which contact a task's subtype or type stands for ("" for none); `machine_users`, the ids of users that programs log
    tasks as; `import_size`, how many records one user makes in one second before they pass for a file that was loaded,
    in which nobody waits (0: never); `fields`, our words in other fields than `connector.toml` places them, as in
    `crm.yaml`."""

    organization_id: str = ""
    default_currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    multi_currency: bool = False
    reason_fields: dict[Literal["Lead", "Contact", "Opportunity"], FieldName] = Field(default_factory=dict)
    task_types: dict[str, Literal["", "call", "email", "meeting", "social", "sms", "whatsapp"]] = Field(
        default_factory=dict
    )
    machine_users: tuple[str, ...] = ()
    own_user: str = ""
    import_size: int = Field(default=10, ge=0, le=200)
    fields: dict[str, FieldName] = Field(default_factory=dict)

    @field_validator("organization_id")
    @classmethod
    def _organization(cls, given: str) -> str:
        return _known_id(given, "Organization")

    @field_validator("own_user")
    @classmethod
    def _user(cls, given: str) -> str:
        return _known_id(given, "User")

    @field_validator("machine_users")
    @classmethod
    def _users(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known_id(one, "User") for one in given)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`?token=` is one of ours and the message names our organisation. The token comes first: nobody without it gets
    any XML parsed. There is no time in a message; a repeat is known by its notifications. What the bus brings is proven
    by the bus, which nobody else can write to. Raises Unauthentic, Malformed, Misconfigured."""
    if delivery.door == "bus":
        return "verified"
    signing.check_token(signing.usable(secrets, "token"), delivery.parameter("token"))
    ours = options(Options, settings).organization_id
    if not ours:
        raise Misconfigured(f"source {settings.name!r} needs the option organization_id (Setup > Company Information)")
    given = soap.read(delivery.body).all("OrganizationId")
    if [long_id(one.text.strip(), "Organization") for one in given] != [ours]:
        raise Unauthentic("organization_wrong" if given else "organization_missing")
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A touch for every notification about a kind of record that we follow, to be read anew. Raises Malformed."""
    chosen = options(Options, settings)
    if _is_event(delivery):
        return changes.drafts(delivery.body, chosen.own_user, chosen.task_types, now)
    body = keep(delivery)
    message = soap.read(body)
    if (message.namespace, message.name) != (OUTBOUND, "notifications"):
        raise Malformed("soap:not_notifications")
    found = message.all("Notification")
    if len(found) > MAX_NOTIFICATIONS:
        raise Malformed("soap:too_many")
    drafts = (_draft(notification, body, chosen.task_types, now) for notification in found)
    return list({draft.key: draft for draft in drafts if draft is not None}.values())


def keep(delivery: Delivery) -> bytes:
    """Without the session id, which lets whoever holds it into the account. Raises Malformed."""
    if _is_event(delivery):
        return delivery.body
    return soap.without(delivery.body, "SessionId")


def acknowledge(outcome: Outcome) -> Reply:
    """Ack true in the exact envelope; after anything else Salesforce sends the message again, for 24 hours."""
    ack = _ACK % str(outcome == "stored").lower()
    return Reply(replies.STATUS[outcome], ack, "text/xml; charset=utf-8", replies.headers(outcome))


def _is_event(delivery: Delivery) -> bool:
    """Only the bus brings JSON: from the public address nothing gets here that is not SOAP of our organisation."""
    return delivery.body.lstrip()[:1] == b"{"


def _known_id(given: str, kind: str) -> str:
    """An option's id in its long form. Raises ValueError."""
    full = long_id(given, kind) if given else ""
    if full is None:
        raise ValueError(f"the id of the {kind.lower()}: 15 or 18 characters")
    return full


def _draft(notification: Element, body: bytes, types: Mapping[str, str], now: datetime) -> TouchDraft | None:
    """None for what we do not follow. One that we cannot read is kept with its reason, and the others do not suffer."""
    try:
        key = _id(notification.one("Id"), "Notification")
        record = notification.one("sObject")
        kind = record.attributes.get(_TYPE, "").rpartition(":")[2]
        if kind not in _KINDS:
            return None
        draft = _KINDS[kind].with_(key=key, **_about(record, kind, now))
        return _task(draft, record, types, now) if kind == "Task" else draft
    except Malformed as error:
        said = hashlib.sha256(body[notification.start : notification.end]).hexdigest()
        return TouchDraft(kind="crm_change", key=f"unreadable:{said}", event="edited", problem=f"unreadable:{error}")


# Whose deal or task it is, is not told: `fetch` finds it out, and for a task what it was.
_KINDS = {
    "Lead": TouchDraft(kind="crm_change", key="", event="edited"),
    "Contact": TouchDraft(kind="crm_change", key="", event="edited"),
    "Opportunity": TouchDraft(kind="crm_change", key="", event="deal"),
    "Task": TouchDraft(kind="activity", key="", event=CONTACT_EVENTS[0]),
}
_WHAT: Mapping[str, str] = {"Opportunity": "deal", "Task": "activity"}


def _about(record: Element, kind: str, now: datetime) -> dict[str, object]:
    record_id = _id(record.one("Id", _namespace(record)), kind)
    what = _WHAT.get(kind, "person")
    person = record_id if what == "person" else ""
    return {
        "fetch_id": f"{kind}:{record_id}",
        "occurred_at": believable(_when(record), now),
        "record": CrmRecord.model_validate(
            {"crm": "salesforce", "kind": what, "person": person, "record_id": record_id}
        ),
    }


def _task(draft: TouchDraft, record: Element, types: Mapping[str, str], now: datetime) -> TouchDraft | None:
    """A task that says what it is, is one touch, however often it is edited and whoever tells it: its key is that of
    `fetch.since`. One that is not done, or is nobody's attempt to reach anybody, is no touch."""
    said = {field.name: field.text.strip() for field in record.children}
    if not said.keys() & {"TaskSubtype", "Type"} or not said.keys() & {"IsClosed", "Status"}:
        return draft
    event = channel(said.get("TaskSubtype", ""), said.get("Type", ""), types)
    done = said.get("IsClosed") == "true" or said.get("Status") == _COMPLETED
    if not (event and done):
        return None
    task = draft.fetch_id.rpartition(":")[2] if draft.fetch_id else ""
    at = Wild(said.get("CompletedDateTime"), "CompletedDateTime").optional_time()
    return draft.with_(key=f"{event}:{task}", event=event, occurred_at=believable(at, now) or draft.occurred_at)


def _namespace(record: Element) -> str:
    """The fields' own, which names the API that the message was made for."""
    return record.children[0].namespace if record.children else ""


def _when(record: Element) -> datetime | None:
    """When it was changed, where the message was set up to say."""
    said = (Wild(field.text.strip(), field.name) for name in _TIMES for field in record.all(name, _namespace(record)))
    return next((at for at in (one.optional_time() for one in said) if at), None)


def _id(element: Element, kind: str) -> str:
    found = long_id(element.text.strip(), kind)
    if found is None:
        raise Malformed(f"soap:{element.name}:not_an_id")
    return found
