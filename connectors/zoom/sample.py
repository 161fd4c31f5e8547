"""Zoom: somebody registers for a webinar, or is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_ASKED = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "phone": "phone",
    "job_title": "job_title",
    "company": "org",
    "country": "country",
    "industry": "industry",
    "employees": "no_of_employees",
    "message": "comments",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A registration for the webinar `form`; with any event, that the person joined it."""
    event = "webinar.participant_joined" if visit.event else "webinar.registration_created"
    webinar = {
        "id": visit.form,
        "uuid": "4444AAAiAAAAAiAiAiiAii==",
        "host_id": "HOST",
        "topic": "Leads in seconds",
        "start_time": sample.iso(now),
        **(_participant(visit, now) if visit.event else _registrant(visit)),
    }
    told = {"account_id": "ACCOUNT", "object": webinar}
    body = sample.compact({"event": event, "event_ts": round(now.timestamp() * 1000), "payload": told})
    stamp = sample.unix(now)
    proof = signing.sign(newest(secrets, "secret_token"), f"v0:{stamp}:".encode() + body).decode()
    headers = {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={proof}"}
    return Sent({"content-type": "application/json", **headers}, body)


def _registrant(visit: Visit) -> dict[str, Any]:
    said = sample.renamed(visit, _ASKED) if visit.mapped else {}
    asked = [] if visit.mapped else [{"title": name, "value": value} for name, value in sample.answers(visit).items()]
    registrant = {"id": visit.key, "status": "approved", "custom_questions": asked, **said}
    return {"registrant": {**registrant, "join_url": "https://zoom.vendor.example/w/1?tk=secret"}}


def _participant(visit: Visit, now: datetime) -> dict[str, Any]:
    person = visit.person
    joined = {"registrant_id": visit.key, "user_name": person.name, "email": person.email}
    return {"participant": {"user_id": "16778240", "participant_uuid": "P1", "join_time": sample.iso(now), **joined}}
