"""Table stream → Publish. No partial answers: a failed batch comes back whole, repeats are dropped by fact id."""

from __future__ import annotations

from typing import Any

from functions import wiring
from leadrelay.workflows.publish import Announcement


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """A batch of inserted items that carry facts."""
    images = [record["dynamodb"]["NewImage"] for record in event["Records"]]
    announcements = [
        Announcement(key=f"{image['pk']['S']}/{image['sk']['S']}", facts=image["facts"]["S"])
        for image in images
        if "facts" in image
    ]
    sent = wiring.publish()(announcements)
    wiring.telemetry().line("published", facts=sent)
    return {"published": sent}
