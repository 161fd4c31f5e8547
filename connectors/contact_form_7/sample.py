"""Contact Form 7: somebody fills in a form of a WordPress site."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_TAGS = {
    "email": "your-email",
    "phone": "your-phone",
    "first_name": "first-name",
    "last_name": "last-name",
    "job_title": "job-title",
    "company": "your-company",
    "country": "country",
    "industry": "industry",
    "employees": "employees",
    "message": "your-message",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """The tags of the form, with the hidden ones of the page."""
    about = {"form_id": visit.form, "submission_id": visit.key, **sample.hidden(visit)}
    body = sample.compact({**sample.renamed(visit, _TAGS), **about})
    return Sent({"content-type": "application/json", "x-api-key": newest(secrets, "api_key")}, body)
