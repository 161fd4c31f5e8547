"""WordPress: WPForms with its Webhooks add-on, in JSON mode.

In form mode the add-on signs another spelling than the one it sends, so only JSON can be proven. Only the fields that
were mapped are sent, once, without an id unless one was mapped; the header `X-WPForms-Webhook-Id` names the webhook and
not the delivery.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import VALUE_BYTES, answer, collect, flatten, options, unreadable
from connectors.kit.site_form import ENVELOPE, Options, about, submission
from connectors.kit.wild import Wild
from leadrelay.domain.touch import Answer, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

_BETWEEN = "||"
"""What the add-on puts between several choices and between the lines of an address."""


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-WPForms-Webhook-Signature: t=<unix seconds>,v=<hex of HMAC-SHA256(webhook_secret, "t.body")>`, at most five
    minutes old or ahead. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "webhook_secret")
    header = delivery.header("x-wpforms-webhook-signature")
    signing.check_timestamped(values, delivery.body, header, now, signing.TOLERANCE, version="v")
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission. Raises Malformed when the body is no JSON object."""
    chosen = options(Options, settings)
    body = json_body.read(delivery.body)
    try:
        return [submission(collect(_answers(body)), about(body, chosen), now)]
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200; the add-on looks only at whether anybody answered."""
    return replies.plain(outcome)


def _answers(body: Wild) -> Iterator[Answer]:
    for name, value in body.entries():
        if name not in ENVELOPE:
            yield from _one(name, value)


def _one(name: str, value: Wild) -> Iterator[Answer]:
    """A date comes as it was written and as Unix time: the first is what was said."""
    if value.is_object and not value.get("unix").missing:
        value = value.get("value")
    said = value.said(VALUE_BYTES)
    if _BETWEEN not in said:
        yield from flatten(value, name)
        return
    found = answer(name, [piece.strip() for piece in said.split(_BETWEEN)])
    if found:
        yield found
