"""Meta lead ads: the webhook carries ids, the Graph API the person."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from connectors.kit import signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

PAGE = "610000000000009"


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One lead of one page. The lead's id is made of the visit's key, so the same visit is the same lead."""
    lead_id = str(int(hashlib.sha256(visit.key.encode()).hexdigest()[:13], 16) + 10**15)
    at = int(now.timestamp())
    value = {"leadgen_id": lead_id, "page_id": PAGE, "form_id": visit.form, "created_time": at}
    entry = {"id": PAGE, "time": at, "changes": [{"field": "leadgen", "value": value}]}
    body = json.dumps({"object": "page", "entry": [entry]}, separators=(",", ":")).encode()
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
        "field_data": [{"name": name, "values": [value]} for name, value in _answers(visit).items()],
    }


def _answers(visit: Visit) -> dict[str, str]:
    person = visit.person
    if not visit.mapped:
        return {"ulubiony_kolor": person.first_name}
    return {
        "full_name": person.name,
        "email": person.email,
        "phone_number": person.phone,
        "job_title": person.job_title,
        "company_name": person.company,
        "country": person.country,
        "industry": person.industry,
        "employees": str(person.employees),
    }
