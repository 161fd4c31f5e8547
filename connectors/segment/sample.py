"""Segment: a page tracks what somebody asks for or does."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample, sample_events, signing
from connectors.kit.customer_events import Options
from connectors.kit.drafts import options
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One event, not a batch: the visit's own, else the one that stands for the form."""
    body = sample.compact(sample_events.track(visit, options(Options, settings).submissions, now))
    proof = signing.sign(newest(secrets, "shared_secret"), body, algorithm="sha1").decode()
    return Sent({"content-type": "application/json", "x-signature": proof}, body)
