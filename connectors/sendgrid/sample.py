"""SendGrid: one event of one reader.

Its private key is known to SendGrid alone, so a sample is signed with a key of our own, whose public half the source
was given beside the real one.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime

from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_EVENTS = {
    "email_opened": "open",
    "email_clicked": "click",
    "unsubscribed": "unsubscribe",
    "group_unsubscribed": "group_unsubscribe",
    "group_resubscribed": "group_resubscribe",
    "spam_reported": "spamreport",
    "email_bounced": "bounce",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A click on a link of a mail, unless the visit names another event. SendGrid knows of no form: the visit's is the
    campaign."""
    kind = _EVENTS.get(visit.event or "email_clicked")
    if kind is None:
        raise ValueError(f"SendGrid tells nothing of {visit.event!r}; it tells of {', '.join(_EVENTS)}")
    body = json.dumps([_event(visit, kind, now)]).encode() + b"\r\n"
    stamp = str(int(now.timestamp()))
    signature = _signature(newest(secrets, "trial_key"), stamp.encode() + body)
    headers = {
        "content-type": "application/json",
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return Sent(headers, body)


def trial_secrets() -> dict[str, str]:
    """A fresh pair of keys: the public half proves what the private one signs."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {"verification_key": base64.b64encode(public).decode(), "trial_key": pem.decode()}


def _event(visit: Visit, kind: str, now: datetime) -> dict[str, object]:
    utm = "&".join(f"utm_{name}={value}" for name, value in visit.utm.items())
    message = f"{visit.key}.recvd-5f4d-1-0.0"
    said: dict[str, object] = {
        "email": visit.person.email,
        "timestamp": int(now.timestamp()),
        "event": kind,
        "sg_event_id": f"{kind}-{visit.key}",
        "sg_message_id": message,
        "category": [visit.form],
        "useragent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
        "ip": "192.0.2.10",
    }
    if kind == "click":
        said |= {"url": f"https://www.example.com/news?{utm}", "url_offset": {"index": 0, "type": "html"}}
    if kind == "bounce":
        said |= {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user"}
    return said if visit.mapped else {**said, "email": visit.person.first_name}


def _signature(key: str, message: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    private = load_pem_private_key(key.encode(), None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise ValueError("the secret trial_key is no private key of the kind P-256")  # noqa: TRY004 no argument is wrong
    return base64.b64encode(private.sign(message, ECDSA(SHA256()))).decode()
