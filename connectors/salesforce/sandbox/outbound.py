"""Outbound messages: Salesforce tells somebody of every change, in SOAP, and again until it hears a true Ack.

A message shows the record as it is when the message is sent, not as it was when it changed. The post, with its delays
and disorder, is the world's; it only goes to this machine.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, register_namespace, tostring

from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.store import ORG, Store
from leadrelay.local.crm_world import Change
from leadrelay.local.crm_world.hooks import TAKEN_WITHIN, Event, Manners, Post, checked

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
RECORDS = "urn:sobject.enterprise.soap.sforce.com"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
KINDS = ("Lead", "Contact", "Opportunity", "Task")
"""The objects whose changes are told: one message is about one of them."""
FIELDS = ("Id", "LastModifiedDate", "OwnerId", "Status")
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
LARGEST_ANSWER = 65_536
LARGEST_BATCH = 100
REGISTERED = {"soapenv": SOAP, "sf": RECORDS, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


@dataclass(frozen=True, slots=True)
class Outbound:
    """The switch `outbound`: where messages go (this machine), and how badly the post behaves."""

    url: str
    manners: Manners = field(default_factory=Manners)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Outbound:
        """From the control endpoint. Raises ValueError or TypeError for what cannot be."""
        rest = {name: value for name, value in given.items() if name != "url"}
        manners = Manners(**rest)
        if not 1 <= manners.batch <= LARGEST_BATCH:
            raise ValueError(f"a message has 1 to {LARGEST_BATCH} notifications")
        return cls(checked(str(given.get("url", ""))), manners)


class Telling:
    """Listens to an org and tells one address."""

    def __init__(self, store: Store, chosen: Outbound) -> None:
        self._store = store
        self._posts = {
            kind: SoapPost(chosen.url, partial(self._message, kind), chosen.manners, seed=place)
            for place, kind in enumerate(KINDS, 1)
        }

    def hear(self, change: Change) -> None:
        """Note what is to be told; taken note of only, with the world locked."""
        if change.kind in self._posts and change.action in {"created", "updated"}:
            notification = shown("Notification", self._store.world.next_id())
            self._posts[change.kind].take([{"id": notification, "record": shown(change.kind, change.id)}])

    def idle(self, seconds: float) -> bool:
        """Wait until everything was taken or given up; False where that took longer than so many seconds."""
        return all(post.idle(seconds) for post in self._posts.values())

    def _message(self, kind: str, events: Sequence[Event]) -> tuple[bytes, Mapping[str, str]]:
        rows = [(str(event["id"]), self._store.row(kind, str(event["record"]))) for event in events]
        return _envelope(kind, [(name, row) for name, row in rows if row is not None]), HEADERS


class SoapPost(Post):
    """A message is taken when the answer acknowledges it, whatever its status."""

    def _given(self, events: Sequence[Event]) -> bool:
        body, headers = self._dress(events)
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=TAKEN_WITHIN)
        try:
            connection.request("POST", _path(self._url.path, self._url.query), body, dict(headers))
            return is_ack(connection.getresponse().read(LARGEST_ANSWER))
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def is_ack(answer: bytes) -> bool:
    """Whether this is the envelope that Salesforce expects, with a true Ack in it."""
    if b"<!DOCTYPE" in answer:
        return False
    try:
        document = fromstring(answer)  # noqa: S314 - no document type, and bounded
    except ParseError:
        return False
    place = f"{{{SOAP}}}Body/{{{OUTBOUND}}}notificationsResponse/{{{OUTBOUND}}}Ack"
    said = document.findtext(place) if document.tag == f"{{{SOAP}}}Envelope" else None
    return (said or "").strip() == "true"


def _envelope(kind: str, rows: Sequence[tuple[str, Mapping[str, str]]]) -> bytes:
    for prefix, namespace in REGISTERED.items():
        register_namespace(prefix, namespace)
    envelope = Element(f"{{{SOAP}}}Envelope")
    message = SubElement(SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{OUTBOUND}}}notifications")
    head = {"OrganizationId": ORG, "ActionId": shown("OutboundAction", "1"), "SessionId": ""}
    for name, text in head.items():
        SubElement(message, f"{{{OUTBOUND}}}{name}").text = text
    for notification, row in rows:
        inside = SubElement(message, f"{{{OUTBOUND}}}Notification")
        SubElement(inside, f"{{{OUTBOUND}}}Id").text = notification
        record = SubElement(inside, f"{{{OUTBOUND}}}sObject", {TYPE: f"sf:{kind}"})
        for name in FIELDS:
            if row.get(name):
                SubElement(record, f"{{{RECORDS}}}{name}").text = row[name]
    document: bytes = tostring(envelope, "UTF-8", xml_declaration=True)
    return document


def _path(path: str, query: str) -> str:
    return f"{path or '/'}?{query}" if query else path or "/"
