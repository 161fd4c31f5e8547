"""SendGrid's Event Webhook: what people do with the mails we send, and which addresses do not work.

Opens, clicks and unsubscribing are behaviours. That an address does not take mail is nothing its person did: it is
found out, like what a provider tells of a company. The network address of a reader is personal and of no use here: it
is never kept. SendGrid marks what Apple's mail privacy opened; programs that follow every link of a mail are told by
their haste.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from connectors.kit import json_body, public_keys, replies, signing
from connectors.kit.drafts import options
from connectors.kit.wild import Wild
from connectors.sendgrid.engagement import MAX_EVENTS, drafts
from connectors.sendgrid.scanners import Haste
from leadrelay.domain.model import Model
from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_STAMP = "x-twilio-email-event-webhook-timestamp"
_OLDEST = timedelta(hours=25)
"""Events are sent again for 24 hours, and nowhere is it said that a repeat is signed anew. An old delivery that
somebody recorded changes nothing: every event is known by its id."""
_PERSONAL = frozenset({"ip"})


class Options(Model):
    """What RevOps sets. Who follows `scanner_links` different links of one mail within `scanner_seconds` is a program
    that looks for dangerous ones, and nobody's interest (0: everybody is a person)."""

    scanner_links: int = Field(default=3, ge=0)
    scanner_seconds: int = Field(default=2, ge=0)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """The signature header is that of the timestamp header and the body, by the key whose public half is
    `verification_key`. Raises Unauthentic, Misconfigured."""
    keys = signing.usable(secrets, "verification_key")
    stamp = delivery.header(_STAMP)
    if not delivery.header(_SIGNATURE):
        raise Unauthentic("signature_missing")
    signing.check_stamp(stamp, now, _OLDEST)
    public_keys.check_p256(keys, "verification_key", stamp.encode() + delivery.body, delivery.header(_SIGNATURE))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A touch for every event that says something of a person or their address. Raises Malformed when the body is no
    list of events."""
    chosen = options(Options, settings)
    haste = Haste(chosen.scanner_links, timedelta(seconds=chosen.scanner_seconds))
    return drafts(list(_events(delivery.body)), haste, now)


def keep(delivery: Delivery) -> bytes:
    """Without the network addresses of readers."""
    return json_body.blanked(delivery.body, _PERSONAL)


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx; anything else is sent again, ever less often, for 24 hours."""
    return replies.plain(outcome)


def _events(body: bytes) -> Iterator[Wild]:
    events = json_body.read(body, "list").each(MAX_EVENTS)
    if not events or not all(event.is_object for event in events):
        raise Malformed("body:not_events")
    yield from events
