"""RudderStack's webhook destination.

It sends events as Segment's spec says, unsigned: a header that the destination's owner chose is all that proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.kit import customer_events, replies, signing
from connectors.kit.customer_events import Options
from connectors.kit.drafts import options
from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.source import Delivery, Outcome, Reply, SecretValues, SourceSettings


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Api-Key: <api_key>`. Raises Unauthentic, Misconfigured."""
    signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A touch for every event that concerns somebody. Raises Malformed when the body holds no events."""
    return customer_events.drafts(customer_events.read(delivery.body), options(Options, settings), now)


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200."""
    return replies.plain(outcome)
