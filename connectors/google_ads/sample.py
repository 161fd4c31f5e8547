"""Google Ads lead forms: everything in one body, the key among it."""

from __future__ import annotations

import json
from datetime import datetime

from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A lead of a search campaign."""
    body = {
        "lead_id": f"{visit.key}-{'x' * 40}",
        "user_column_data": [
            {"column_id": column, "column_name": column.replace("_", " ").title(), "string_value": value}
            for column, value in _columns(visit).items()
        ],
        "api_version": "1.0",
        "form_id": int(visit.form),
        "campaign_id": 20000000001,
        "adgroup_id": 30000000001,
        "creative_id": 0,
        "gcl_id": f"gclid-{visit.key}",
        "lead_submit_time": now.isoformat(timespec="seconds"),
        "google_key": newest(secrets, "google_key"),
    }
    return Sent({"content-type": "application/json"}, json.dumps(body).encode())


def _columns(visit: Visit) -> dict[str, str]:
    person = visit.person
    if not visit.mapped:
        return {"FAVOURITE_COLOUR": person.first_name}
    return {
        "FULL_NAME": person.name,
        "WORK_EMAIL": person.email,
        "PHONE_NUMBER": person.phone,
        "JOB_TITLE": person.job_title,
        "COMPANY_NAME": person.company,
        "COMPANY_SIZE": str(person.employees),
        "COUNTRY": person.country,
        "industry": person.industry,
    }
