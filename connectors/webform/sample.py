"""The company's own forms: signed by a server, with a key, or straight from a page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

from connectors.kit import signing
from connectors.webform.source import Options
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A server sends JSON; a plug-in with a key and a page send an HTML form, which has no nested members."""
    chosen = Options.model_validate(dict(settings.options))
    said, fields = _said(visit), {**_fields(visit), **_wishes(visit, now)}
    if chosen.mode == "hmac":
        body = json.dumps({**said, "fields": fields}).encode()
        return Sent({"content-type": "application/json", "x-leadrelay-signature": _signature(body, secrets, now)}, body)
    form = {**said, **fields} | ({chosen.honeypot: ""} if chosen.mode == "browser" else {})
    proof = {"origin": chosen.origins[0]} if chosen.mode == "browser" else {"x-api-key": newest(secrets, "api_key")}
    headers = {"content-type": "application/x-www-form-urlencoded", **proof}
    return Sent(headers, urlencode(form).encode())


def _signature(body: bytes, secrets: SecretValues, now: datetime) -> str:
    signed_at = str(int(now.timestamp()))
    proof = signing.sign(newest(secrets, "signing_secret"), signed_at.encode() + b"." + body)
    return f"t={signed_at},v1={proof.decode()}"


def _said(visit: Visit) -> dict[str, str]:
    query = urlencode({f"utm_{name}": value for name, value in visit.utm.items()})
    page = f"https://www.vendor.example/{visit.form}" + (f"?{query}" if query else "")
    if visit.event:
        return {"event": visit.event, "event_id": visit.key, "page": page}
    return {"form": visit.form, "submission_id": visit.key, "page": page}


def _fields(visit: Visit) -> dict[str, str]:
    person = visit.person
    if not visit.mapped:
        return {"pole_7": person.first_name, "pole_8": person.company}
    if visit.event:
        return {"email": person.email}
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
        "message": visit.message,
    }


def _wishes(visit: Visit, now: datetime) -> dict[str, str]:
    boxes = dict.fromkeys(visit.ticked, "yes")
    if visit.callback_minutes is None:
        return boxes
    at = (now + timedelta(minutes=visit.callback_minutes)).replace(second=0, microsecond=0)
    return {**boxes, "callback_time": at.isoformat()}
