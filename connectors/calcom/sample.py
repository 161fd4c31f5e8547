"""Cal.com: somebody books a meeting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_ASKED = {
    "email": "email",
    "phone": "phone",
    "job_title": "job_title",
    "company": "company",
    "country": "country",
    "industry": "industry",
    "employees": "employees",
    "message": "notes",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A booking of the event type `form`, for tomorrow."""
    body = sample.compact(
        {"triggerEvent": "BOOKING_CREATED", "createdAt": sample.iso(now), "payload": _payload(visit, now)}
    )
    proof = signing.sign(newest(secrets, "signing_secret"), body).decode()
    return Sent({"content-type": "application/json", "x-cal-signature-256": proof}, body)


def _payload(visit: Visit, now: datetime) -> dict[str, Any]:
    start, person = now + timedelta(days=1), visit.person
    return {
        "uid": visit.key,
        "bookingId": int(sample.digits(visit, 7)),
        "eventTypeId": visit.form,
        "type": "first-call",
        "title": "First call",
        "startTime": sample.iso(start),
        "endTime": sample.iso(start + timedelta(minutes=30)),
        "attendees": [{"email": person.email, "name": person.name, "timeZone": "Europe/Warsaw"}],
        "organizer": {"name": "Sales", "email": "sales@vendor.example", "timeZone": "Europe/Warsaw"},
        "responses": _responses(visit),
        "metadata": {"videoCallUrl": "https://meet.vendor.example/secret-room", **sample.hidden(visit)},
        "status": "ACCEPTED",
    }


def _responses(visit: Visit) -> dict[str, Any]:
    said = sample.renamed(visit, _ASKED) | ({"name": visit.person.name} if visit.mapped else {})
    return {name: {"label": name.replace("_", " "), "value": value} for name, value in said.items()}
