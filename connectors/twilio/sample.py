"""Twilio: somebody calls and nobody takes it, leaves a message, or writes."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

OURS = "+12025550197"
_ACCOUNT = "AC" + "0" * 32


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A text for the forms `sms` and `whatsapp`, a call with a message left for `voicemail`, for any other a call that
    nobody took. Signed for the option `url`, as Twilio signs its own setting."""
    said = _message(visit) if visit.form in ("sms", "whatsapp") else _call(visit, now)
    signed = f"{settings.options.get('url', '')}{''.join(name + said[name] for name in sorted(said))}"
    proof = signing.sign(newest(secrets, "auth_token"), signed.encode(), signing.base64_text, "sha1").decode()
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": proof}
    return Sent(headers, urlencode(said).encode())


def _call(visit: Visit, now: datetime) -> dict[str, str]:
    left = visit.form == "voicemail"
    return {
        "AccountSid": _ACCOUNT,
        "CallSid": f"CA{sample.digits(visit, 32)}",
        "From": visit.person.phone,
        "To": OURS,
        "Direction": "inbound",
        "CallStatus": "completed" if left else "no-answer",
        "CallDuration": "21" if left else "0",
        "CallerName": "",
        "FromCountry": "US",
        "Timestamp": format_datetime(now),
        **({"RecordingSid": f"RE{sample.digits(visit, 32)}", "RecordingDuration": "14"} if left else {}),
    }


def _message(visit: Visit) -> dict[str, str]:
    before = "whatsapp:" if visit.form == "whatsapp" else ""
    return {
        "AccountSid": _ACCOUNT,
        "MessageSid": f"SM{sample.digits(visit, 32)}",
        "From": f"{before}{visit.person.phone}",
        "To": f"{before}{OURS}",
        "Body": visit.message or sample.MESSAGE,
        "NumMedia": "0",
        "SmsStatus": "received",
        "ProfileName": visit.person.name if before else "",
    }
