"""HTTP API v2 → Ingest."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl

from functions import wiring
from functions.consume import place
from leadrelay.ports.source import Delivery, Reply


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One request to /in/{source}. Anything unforeseen is a 503, so that the sender keeps the lead."""
    try:
        reply = wiring.ingest()(event["pathParameters"]["source"], delivery(event))
    except Exception as error:  # noqa: BLE001 - a defect of ours must not lose a lead, nor show itself
        wiring.telemetry().line("ingest_failed", error=type(error).__name__, position=place(error))
        wiring.telemetry().count("IngestFailed", error=type(error).__name__)
        reply = Reply(503, "try again later", headers={"Retry-After": "30"})
    return {
        "statusCode": reply.status,
        "headers": {"Content-Type": reply.content_type, "X-Content-Type-Options": "nosniff", **reply.headers},
        "body": reply.body,
    }


def delivery(event: dict[str, Any]) -> Delivery:
    """The request exactly as it was sent: senders sign bytes."""
    query = parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True)
    return Delivery(
        method=event["requestContext"]["http"]["method"],
        address=event["requestContext"]["http"].get("sourceIp") or "",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=tuple(query),
        body=_body(event),
    )


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return bytes(text.encode("utf-8", "surrogatepass"))
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
