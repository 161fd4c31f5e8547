"""RudderStack: a page tracks what somebody asks for or does."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample, sample_events
from connectors.kit.customer_events import Options
from connectors.kit.drafts import options
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One event: the visit's own, else the one that stands for the form."""
    event = sample_events.track(visit, options(Options, settings).submissions, now)
    body = sample.compact({**event, "channel": "web", "rudderId": f"rudder-{visit.key}"})
    headers = {"content-type": "application/json", "user-agent": "RudderLabs", "x-api-key": newest(secrets, "api_key")}
    return Sent(headers, body)
