"""Jotform: somebody fills in a form."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from connectors.kit import sample
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_QUESTIONS = {
    "email": "email",
    "job_title": "jobTitle",
    "company": "company",
    "country": "country",
    "industry": "industry",
    "employees": "employees",
    "message": "message",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A multipart form; the secret is in the address, which Jotform repeats in the body."""
    token = newest(secrets, "token")
    fields = {
        "formID": visit.form,
        "submissionID": sample.digits(visit, 19),
        "formTitle": "Talk to us",
        "username": "vendor",
        "type": "WEB",
        "ip": "192.0.2.10",
        "webhookURL": f"https://leads.vendor.example/in/{settings.name}?token={token}",
        "pretty": "Name:…, E-mail:…",
        "rawRequest": json.dumps(_raw(visit)),
    }
    body, content_type = encode_multipart_formdata(fields, boundary=f"form-{sample.digits(visit, 16)}")
    return Sent({"content-type": content_type}, body, query=(("token", token),))


def _raw(visit: Visit) -> dict[str, Any]:
    """Composite questions as Jotform writes them: a name in two parts, a number with its country."""
    said: dict[str, Any] = dict(sample.renamed(visit, _QUESTIONS))
    if visit.mapped:
        said |= {"name": {"first": visit.person.first_name, "last": visit.person.last_name}}
        said |= {"phone": {"full": visit.person.phone}}
    numbered = {f"q{at}_{name}": value for at, (name, value) in enumerate({**said, **sample.hidden(visit)}.items(), 3)}
    return {**numbered, "slug": f"submit/{visit.form}", "timeToSubmit": "48", "path": f"/submit/{visit.form}"}
