"""HubSpot: somebody changes a contact in the CRM."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A change of the contact `form` (its id at HubSpot), signed for the option `url`, as HubSpot signs its own
    setting. Raises ValueError when `form` is no such id."""
    millis = round(now.timestamp() * 1000)
    event = {
        "eventId": int(sample.digits(visit, 9)),
        "subscriptionId": 1_000_001,
        "portalId": 2_000_002,
        "appId": 3_000_003,
        "occurredAt": millis,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": int(visit.form),
        "propertyName": "hs_lead_status",
        "propertyValue": "CONNECTED",
        "changeSource": "CRM_UI",
        "sourceId": "userId:4000004",
    }
    body = sample.compact([event])
    message = f"POST{settings.options.get('url', '')}".encode() + body + str(millis).encode()
    proof = signing.sign(newest(secrets, "app_secret"), message, signing.base64_text).decode()
    headers = {
        "content-type": "application/json",
        "x-hubspot-request-timestamp": str(millis),
        "x-hubspot-signature-v3": proof,
    }
    return Sent(headers, body)
