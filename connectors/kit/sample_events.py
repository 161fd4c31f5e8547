"""A sample in the Segment spec, for every customer data platform that speaks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.kit import sample
from leadrelay.ports.sample import Visit

_TRAITS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "email": "email",
    "phone": "phone",
    "job_title": "title",
}


def track(visit: Visit, submissions: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A `track` call: the visit's event, else the one that `submissions` (event -> form) lets stand for the form."""
    asked = next((event for event, form in submissions.items() if form == visit.form), "demo_requested")
    return {
        "type": "track",
        "event": (visit.event or asked).replace("_", " ").title(),
        "messageId": visit.key,
        "anonymousId": f"browser-{visit.person.email}",
        "properties": {"message": visit.message or sample.MESSAGE} if visit.mapped else {},
        "context": {
            "traits": _traits(visit),
            "campaign": dict(visit.utm),
            "page": {"url": sample.page(visit)},
            "userAgent": "Mozilla/5.0",
        },
        "timestamp": sample.iso(now),
        "sentAt": sample.iso(now),
    }


def _traits(visit: Visit) -> dict[str, Any]:
    """The person, and the company as the spec nests it."""
    person, said = visit.person, sample.renamed(visit, _TRAITS)
    if not visit.mapped:
        return said
    company = {"name": person.company, "industry": person.industry, "employee_count": person.employees}
    return {**said, "company": company, "country": person.country}
