"""TikTok: somebody answers an instant form; ids are numbers of nineteen digits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_FIELDS = {
    "email": "email",
    "phone": "phone_number",
    "first_name": "first_name",
    "last_name": "last_name",
    "job_title": "job_title",
    "company": "company_name",
    "country": "country",
    "industry": "industry",
    "employees": "employees",
    "message": "message",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One lead of one page. Raises ValueError when `form` is no number, as TikTok's pages are."""
    at = int(now.timestamp())
    body = sample.compact({"object": 1, "request_id": visit.key, "time": at, "entry": [_entry(visit, at)]})
    proof = signing.sign(newest(secrets, "app_secret"), body).decode()
    return Sent({"content-type": "application/json", "x-open-signature": proof}, body)


def _entry(visit: Visit, at: int) -> dict[str, Any]:
    return {
        "id": int(sample.digits(visit, 19)),
        "lead_source": "INSTANT_FORM",
        "page_id": int(visit.form),
        "page_name": "Book a demo",
        "advertiser_id": 6900000000000000001,
        "campaign_id": 1700000000000000001,
        "campaign_name": visit.utm.get("campaign", "lead-ads"),
        "adgroup_id": 1700000000000000002,
        "adgroup_name": "Data teams",
        "ad_id": 1700000000000000003,
        "ad_name": "Video 1",
        "create_time": at,
        "changes": [{"field": name, "value": value} for name, value in sample.renamed(visit, _FIELDS).items()],
    }
