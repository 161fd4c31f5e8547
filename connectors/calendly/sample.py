"""Calendly: somebody books a meeting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

API = "https://api.calendly.com"
_ASKED = ("job_title", "company", "country", "industry", "employees", "message")


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A booking of the event type `form`, for tomorrow."""
    body = sample.compact(
        {
            "event": "invitee.created",
            "created_at": sample.iso(now),
            "created_by": f"{API}/users/SALES",
            "payload": _payload(visit, now),
        }
    )
    stamp = sample.unix(now)
    proof = signing.sign(newest(secrets, "signing_key"), f"{stamp}.".encode() + body).decode()
    return Sent({"content-type": "application/json", "calendly-webhook-signature": f"t={stamp},v1={proof}"}, body)


def _payload(visit: Visit, now: datetime) -> dict[str, Any]:
    person, start = visit.person, now + timedelta(days=1)
    event = f"{API}/scheduled_events/{visit.key}"
    return {
        "uri": f"{event}/invitees/{visit.key}",
        "email": person.email,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "text_reminder_number": person.phone,
        "timezone": "Europe/Warsaw",
        "status": "active",
        "rescheduled": False,
        "old_invitee": None,
        "questions_and_answers": _asked(visit),
        "tracking": {f"utm_{name}": value for name, value in visit.utm.items()},
        "cancel_url": "https://calendly.com/cancellations/secret",
        "scheduled_event": {
            "uri": event,
            "name": "First call",
            "event_type": f"{API}/event_types/{visit.form}",
            "start_time": sample.iso(start),
            "end_time": sample.iso(start + timedelta(minutes=30)),
            "location": {"type": "zoom", "join_url": "https://meet.vendor.example/secret-room"},
        },
    }


def _asked(visit: Visit) -> list[dict[str, Any]]:
    said = sample.renamed(visit, {name: name for name in _ASKED})
    return [{"question": name, "answer": value, "position": at} for at, (name, value) in enumerate(said.items())]
