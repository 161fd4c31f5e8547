"""The company's own forms: signed by a server, with a key, or straight from a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from connectors.kit import sample, signing
from connectors.webform.source import Options
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A server sends JSON; a plug-in with a key and a page send an HTML form, which has no nested members."""
    chosen = Options.model_validate(dict(settings.options))
    said, fields = _said(visit), {**_fields(visit), **_wishes(visit, now)}
    if chosen.mode == "hmac":
        body = json.dumps({**said, "fields": fields}).encode()
        proof = _signature(body, newest(secrets, "signing_secret"), now)
        return Sent({"content-type": "application/json", "x-leadrelay-signature": proof}, body)
    form = {**said, **fields} | (_of_page(chosen, said, secrets, now) if chosen.mode == "browser" else {})
    shown = {"origin": chosen.origins[0]} if chosen.mode == "browser" else {"x-api-key": newest(secrets, "api_key")}
    headers = {"content-type": "application/x-www-form-urlencoded", **shown}
    return Sent(headers, urlencode(form).encode())


def _of_page(chosen: Options, said: Mapping[str, str], secrets: SecretValues, now: datetime) -> dict[str, str]:
    """The trap, left empty, and the token of a page that was shown long enough ago."""
    if not chosen.min_fill_seconds:
        return {chosen.honeypot: ""}
    shown_at, form = now - timedelta(seconds=chosen.min_fill_seconds + 1), said.get("form", "")
    return {chosen.honeypot: "", "form_token": _signature(form.encode(), newest(secrets, "form_secret"), shown_at)}


def _signature(message: bytes, secret: str, at: datetime) -> str:
    proof = signing.sign(secret, f"{sample.unix(at)}.".encode() + message)
    return f"t={sample.unix(at)},v1={proof.decode()}"


def _said(visit: Visit) -> dict[str, str]:
    if visit.event:
        return {"event": visit.event, "event_id": visit.key, "page": sample.page(visit)}
    return {"form": visit.form, "submission_id": visit.key, "page": sample.page(visit)}


def _fields(visit: Visit) -> dict[str, str]:
    said = sample.answers(visit)
    return {"email": visit.person.email} if visit.event and visit.mapped else said


def _wishes(visit: Visit, now: datetime) -> dict[str, str]:
    boxes = dict.fromkeys(visit.ticked, "yes")
    if visit.callback_minutes is None:
        return boxes
    at = (now + timedelta(minutes=visit.callback_minutes)).replace(second=0, microsecond=0)
    return {**boxes, "callback_time": at.isoformat()}
