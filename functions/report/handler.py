"""HTTP API v2, authorised by the API → Story."""

from __future__ import annotations

import json
import re
from typing import Any

from functions import wiring
from leadrelay.ports.errors import Reject

_LEAD_ID = re.compile(r"[0-9a-f]{32}")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """GET /leads/{lead_id}: personal data, never cached."""
    lead_id = event["pathParameters"]["lead_id"]
    if not _LEAD_ID.fullmatch(lead_id):
        return _answer(404, {"error": "a lead id is 32 hexadecimal digits"})
    try:
        story = wiring.story()(lead_id)
    except Reject as unknown:
        return _answer(404, {"error": unknown.detail})
    wiring.telemetry().line("story_told", lead_id=lead_id)
    return _answer(200, story)


def _answer(status: int, body: object) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
