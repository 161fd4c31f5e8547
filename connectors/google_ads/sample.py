"""Google Ads lead forms: everything in one body, the key among it."""

from __future__ import annotations

import json
from datetime import datetime

from connectors.kit import sample
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_COLUMNS = {
    "first_name": "FIRST_NAME",
    "last_name": "LAST_NAME",
    "email": "WORK_EMAIL",
    "phone": "PHONE_NUMBER",
    "job_title": "JOB_TITLE",
    "company": "COMPANY_NAME",
    "employees": "COMPANY_SIZE",
    "country": "COUNTRY",
    "industry": "industry",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A lead of a search campaign."""
    body = {
        "lead_id": f"{visit.key}-{'x' * 40}",
        "user_column_data": [
            {"column_id": column, "column_name": column.replace("_", " ").title(), "string_value": value}
            for column, value in sample.renamed(visit, _COLUMNS).items()
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
