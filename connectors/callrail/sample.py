"""CallRail: somebody calls and nobody takes it, leaves a message, or writes a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

TRACKED, OURS = "+12025550199", "+12025550198"


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A text for the form `sms`, a call with a message left for `voicemail`, for any other a call that was missed."""
    body = sample.compact(_text(visit, now) if visit.form == "sms" else _call(visit, now))
    proof = signing.sign(newest(secrets, "signing_key"), body, signing.base64_text, "sha1").decode()
    return Sent({"content-type": "application/json", "signature": proof}, body)


def _call(visit: Visit, now: datetime) -> dict[str, Any]:
    person, left = visit.person, visit.form == "voicemail"
    return {
        "resource_id": f"CAL{visit.key}",
        "direction": "inbound",
        "answered": False,
        "voicemail": left,
        "call_type": "voicemail" if left else "abandoned",
        "duration": "21",
        "customer_phone_number": person.phone,
        "customer_name": person.name,
        "customer_country": person.country,
        "tracking_phone_number": TRACKED,
        "business_phone_number": OURS,
        "start_time": now.isoformat(timespec="milliseconds"),
        "timestamp": now.isoformat(timespec="milliseconds"),
        "source_name": "Google Ads",
        "first_call": True,
        "landing_page_url": sample.page(visit),
        "recording": "https://recordings.vendor.example/secret" if left else "",
        "tags": [],
        **_campaign(visit),
    }


def _text(visit: Visit, now: datetime) -> dict[str, Any]:
    return {
        "resource_id": f"SCT{visit.key}",
        "source_number": visit.person.phone,
        "destination_number": TRACKED,
        "content": visit.message or sample.MESSAGE,
        "message_type": "sms",
        "timestamp": now.isoformat(timespec="milliseconds"),
        **_campaign(visit),
    }


def _campaign(visit: Visit) -> dict[str, str]:
    return {f"utm_{name}": value for name, value in visit.utm.items()}
