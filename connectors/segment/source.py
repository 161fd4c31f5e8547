"""Segment's webhook destination.

The signature of a batch covers only its first event, so whoever has seen one event could add others to it: a batch is
taken only with a key in a header beside the signature. One event at a time needs none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from connectors.kit import customer_events, replies, signing
from connectors.kit.customer_events import Options
from connectors.kit.drafts import options
from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_DECODER = json.JSONDecoder()


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Signature: <hex of HMAC-SHA1(shared_secret, event)>`, of a batch its first event as it is spelt in the body;
    several events also need `X-Api-Key: <api_key>`. Raises Unauthentic, Malformed, Misconfigured."""
    values = signing.usable(secrets, "shared_secret")
    header = delivery.header("x-signature")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_body(values, _signed(delivery.body), header, "", signing.hexadecimal, "sha1")
    if len(customer_events.read(delivery.body)) > 1:
        signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A touch for every event that concerns somebody. Raises Malformed when the body holds no events."""
    return customer_events.drafts(customer_events.read(delivery.body), options(Options, settings), now)


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx within five seconds; anything else is sent again for four hours."""
    return replies.plain(outcome)


def _signed(body: bytes) -> bytes:
    """The body, or the first event of a list exactly as it stands there. Raises Unauthentic for a list of none."""
    if not body.lstrip().startswith(b"["):
        return body
    try:
        customer_events.read(body)
    except Malformed:
        raise Unauthentic("signature_form") from None
    text = body.decode("utf-8")
    start = text.index("{")
    _, end = _DECODER.raw_decode(text, start)
    return text[start:end].encode("utf-8")
