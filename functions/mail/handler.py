"""Queue of the mail bucket's events → TakeMail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from functions import wiring
from functions.consume import Answer, consume_bodies


def handler(event: dict[str, Any], _context: object) -> Answer:
    """A batch of "an object was created"."""
    take = wiring.mail()

    def work(body: str) -> None:
        for name in names(body):
            take(name)

    return consume_bodies(event, work, wiring.telemetry())


def names(body: str) -> Iterator[str]:
    """The objects that an event of S3 names. What S3 sends to try the connection names none."""
    for record in json.loads(body).get("Records", []):
        yield unquote_plus(record["s3"]["object"]["key"])
