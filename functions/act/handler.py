"""HTTP API v2 → Act. The link itself says who may; there is no other login, and no cookie."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl

from functions import wiring
from functions.act.page import HEADERS, outage, page
from functions.consume import place

_LONGEST_FORM = 4096


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """GET and HEAD of /act/{token} only show; POST says it. Mail scanners and previews follow links, and never post."""
    method = event["requestContext"]["http"]["method"]
    try:
        form = _form(event) if method == "POST" else None
        status, html = page(wiring.act()(event["pathParameters"]["token"], form))
    except Exception as error:  # noqa: BLE001 - a person is waiting; what is wrong is ours, and told to us alone
        wiring.telemetry().line("act_failed", error=type(error).__name__, position=place(error))
        wiring.telemetry().count("ActFailed", error=type(error).__name__)
        status, html = outage()
    retry = {"Retry-After": "30"} if status == 503 else {}
    return {"statusCode": status, "headers": {**HEADERS, **retry}, "body": "" if method == "HEAD" else html}


def _form(event: dict[str, Any]) -> dict[str, str]:
    """The fields that were sent, each once. What is no form is an empty one: nothing is chosen."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return {}
    return dict(parse_qsl(text)) if len(text) <= _LONGEST_FORM else {}
