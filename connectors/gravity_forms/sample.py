"""Gravity Forms: somebody fills in a form of a WordPress site."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """The selected fields under names that their owner gave, with those of the entry."""
    entry = {
        "id": sample.digits(visit, 9),
        "form_id": visit.form,
        "date_created": now.strftime("%Y-%m-%d %H:%M:%S"),
        "source_url": sample.page(visit),
        "user_agent": "Mozilla/5.0",
        "status": "active",
    }
    campaign = {f"utm_{name}": value for name, value in visit.utm.items()}
    body = sample.compact({**entry, **campaign, **sample.answers(visit)})
    return Sent({"content-type": "application/json", "x-api-key": newest(secrets, "api_key")}, body)
