"""What the vendors' samples have in common: an invented person's answers, ids made of the visit's key, spellings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from leadrelay.ports.sample import Visit

MESSAGE = "Please call me."
SITE = "https://www.vendor.example"


def answers(visit: Visit) -> dict[str, str]:
    """What the person answers, by the names that most forms give their fields; one that nobody knows where the visit
    is not `mapped`."""
    person = visit.person
    if not visit.mapped:
        return {"favourite_colour": person.first_name}
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "job_title": person.job_title,
        "company": person.company,
        "country": person.country,
        "industry": person.industry,
        "employees": str(person.employees),
        "message": visit.message or MESSAGE,
    }


def renamed(visit: Visit, names: Mapping[str, str]) -> dict[str, str]:
    """The answers by the sender's own names (ours -> theirs); what a sender does not ask for is left out."""
    said = answers(visit)
    return {names[name]: value for name, value in said.items() if name in names} if visit.mapped else said


def hidden(visit: Visit) -> dict[str, str]:
    """The hidden fields that a page fills in: where the visitor came from, and on which page they are."""
    return {**{f"utm_{name}": value for name, value in visit.utm.items()}, "page": page(visit)}


def page(visit: Visit) -> str:
    """The page's address, with the campaign's parameters."""
    query = urlencode({f"utm_{name}": value for name, value in visit.utm.items()})
    return f"{SITE}/{visit.form}" + (f"?{query}" if query else "")


def digits(visit: Visit, count: int, what: str = "") -> str:
    """So many digits made of the visit's key, the first of them a 1: the same visit has the same id."""
    found = int(hashlib.sha256(f"{what}:{visit.key}".encode()).hexdigest(), 16)
    return "1" + str(found).zfill(count)[-(count - 1) :]


def compact(body: object) -> bytes:
    """JSON without blanks, as servers send it; what is beyond ASCII is escaped."""
    return json.dumps(body, separators=(",", ":")).encode()


def iso(at: datetime) -> str:
    """A time (UTC) as most senders write it: 2026-03-02T09:30:00.000000Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix(at: datetime) -> str:
    """A time in Unix seconds."""
    return str(int(at.timestamp()))
