"""Typeform: answers named by the field's ref, campaigns in hidden fields."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_TYPES = {"email": "email", "phone_number": "phone_number", "employees": "number"}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A finished response."""
    at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    questions = list(sample.answers(visit).items())
    response = {
        "form_id": visit.form,
        "token": visit.key,
        "landed_at": at,
        "submitted_at": at,
        "hidden": {f"utm_{name}": value for name, value in visit.utm.items()},
        "definition": {"id": visit.form, "title": "Talk to us", "fields": [_field(ref) for ref, _ in questions]},
        "answers": [_answer(ref, value) for ref, value in questions],
    }
    body = json.dumps({"event_id": f"event-{visit.key}", "event_type": "form_response", "form_response": response})
    signature = "sha256=" + signing.sign(newest(secrets, "signing_secret"), body.encode(), signing.base64_text).decode()
    return Sent({"content-type": "application/json", "typeform-signature": signature}, body.encode())


def _field(ref: str) -> dict[str, str]:
    return {"id": f"id-{ref}", "ref": ref, "type": _TYPES.get(ref, "short_text"), "title": ref.replace("_", " ")}


def _answer(ref: str, value: str) -> dict[str, Any]:
    kind = _TYPES.get(ref, "text")
    said = int(value) if kind == "number" else value
    return {"type": kind, kind: said, "field": {"id": f"id-{ref}", "ref": ref, "type": kind}}
