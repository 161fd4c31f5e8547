"""Meta lead ads: the webhook carries ids, the Graph API the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

PAGE = "610000000000009"
_QUESTIONS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone_number",
    "job_title": "job_title",
    "company": "company_name",
    "country": "country",
    "industry": "industry",
    "employees": "employees",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One lead of one page. The lead's id is made of the visit's key, so the same visit is the same lead."""
    lead_id = sample.digits(visit, 16)
    at = int(now.timestamp())
    value = {"leadgen_id": lead_id, "page_id": PAGE, "form_id": visit.form, "created_time": at}
    entry = {"id": PAGE, "time": at, "changes": [{"field": "leadgen", "value": value}]}
    body = sample.compact({"object": "page", "entry": [entry]})
    signature = "sha256=" + signing.sign(newest(secrets, "app_secret"), body).decode()
    headers = {"content-type": "application/json", "x-hub-signature-256": signature}
    return Sent(headers, body, later=_graph_lead(visit, lead_id, now))


def _graph_lead(visit: Visit, lead_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": lead_id,
        "created_time": now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "form_id": visit.form,
        "campaign_id": "620000000000001",
        "campaign_name": visit.utm.get("campaign", "lead-ads"),
        "is_organic": False,
        "platform": "fb",
        "field_data": [{"name": name, "values": [value]} for name, value in sample.renamed(visit, _QUESTIONS).items()],
    }
