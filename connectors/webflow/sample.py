"""Webflow: somebody fills in a form of the site; answers bear the labels that visitors see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_TYPES = {"email": "FormEmail", "phone": "FormPhone"}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One submission, with its schema."""
    body = sample.compact({"triggerType": "form_submission", "payload": _payload(visit, now)})
    stamp = str(round(now.timestamp() * 1000))
    proof = signing.sign(newest(secrets, "signing_secret"), f"{stamp}:".encode() + body).decode()
    headers = {"x-webflow-timestamp": stamp, "x-webflow-signature": proof}
    return Sent({"content-type": "application/json", **headers}, body)


def _payload(visit: Visit, now: datetime) -> dict[str, Any]:
    said = {**sample.answers(visit), **sample.hidden(visit)}
    return {
        "id": visit.key,
        "name": "Talk to us",
        "siteId": "650000000000000000000001",
        "formId": visit.form,
        "formElementId": "00000000-0000-4000-8000-000000000001",
        "submittedAt": sample.iso(now),
        "data": said,
        "schema": [{"fieldName": name, "fieldType": _TYPES.get(name, "FormTextInput")} for name in said],
    }
