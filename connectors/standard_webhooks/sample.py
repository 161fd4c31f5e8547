"""Standard Webhooks: a server of the company's own tells of a request or a behaviour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from connectors.kit.drafts import options
from connectors.standard_webhooks.source import Options, signing_key
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """Signed, or with a key where the source's mode says so."""
    kind = "behaviour" if visit.event else "submission"
    body = sample.compact({"id": visit.key, "type": kind, "timestamp": sample.iso(now), "data": _data(visit)})
    if options(Options, settings).mode == "key":
        return Sent({"content-type": "application/json", "x-api-key": newest(secrets, "api_key")}, body)
    stamp, key = sample.unix(now), signing_key(newest(secrets, "signing_secret"))
    proof = signing.sign(key, f"{visit.key}.{stamp}.".encode() + body, signing.base64_text).decode()
    headers = {"webhook-id": visit.key, "webhook-timestamp": stamp, "webhook-signature": f"v1,{proof}"}
    return Sent({"content-type": "application/json", **headers}, body)


def _data(visit: Visit) -> dict[str, Any]:
    fields = sample.answers(visit)
    if visit.event:
        return {"event": visit.event, "page": sample.page(visit), "fields": fields}
    return {"form": visit.form, "page": sample.page(visit), "fields": fields}
