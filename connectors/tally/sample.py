"""Tally: somebody fills in a form; a choice comes as the id of its option."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_TYPES = {"email": "INPUT_EMAIL", "phone": "INPUT_PHONE_NUMBER", "employees": "INPUT_NUMBER", "message": "TEXTAREA"}
_CHOICE = "industry"


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One response. Tally names a question by a key that nobody chose; here its author renamed it in the form's map."""
    body = sample.compact(
        {
            "eventId": f"event-{visit.key}",
            "eventType": "FORM_RESPONSE",
            "createdAt": sample.iso(now),
            "data": {
                "responseId": visit.key,
                "submissionId": visit.key,
                "respondentId": f"respondent-{visit.key}",
                "formId": visit.form,
                "formName": "Talk to us",
                "createdAt": sample.iso(now),
                "fields": [_field(name, value) for name, value in sample.answers(visit).items()] + _hidden(visit),
            },
        }
    )
    proof = signing.sign(newest(secrets, "signing_secret"), body, signing.base64_text).decode()
    return Sent({"content-type": "application/json", "tally-signature": proof}, body)


def _field(name: str, value: str) -> dict[str, Any]:
    told = {"key": name, "label": name.replace("_", " ").capitalize(), "type": _TYPES.get(name, "INPUT_TEXT")}
    if name != _CHOICE:
        return {**told, "value": value}
    options = [{"id": "option-1", "text": value}, {"id": "option-2", "text": "Something else"}]
    return {**told, "type": "MULTIPLE_CHOICE", "value": ["option-1"], "options": options}


def _hidden(visit: Visit) -> list[dict[str, Any]]:
    return [
        {"key": f"question_{name}", "label": name, "type": "HIDDEN_FIELDS", "value": value}
        for name, value in sample.hidden(visit).items()
    ]
