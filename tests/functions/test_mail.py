"""The mail function: what S3 says through its queue, and each mail's own fate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions import wiring
from functions.mail.handler import handler, names
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Retry


def created(*keys: str) -> str:
    """An event of S3."""
    records = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 1}}}
        for key in keys
    ]
    return json.dumps({"Records": records})


def batch(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def take(name: str) -> None:
        if "away" in name:
            raise Retry(1, "away")
        found.append(name)

    monkeypatch.setattr(wiring, "mail", lambda: take)
    monkeypatch.setattr(wiring, "telemetry", MemoryTelemetry)
    return found


def test_names_are_as_they_were_before_s3_spelled_them_for_a_url() -> None:
    assert list(names(created("mail/a%2Bb+c", "mail/r2k9"))) == ["mail/a+b c", "mail/r2k9"]


def test_what_s3_sends_to_try_the_queue_is_nothing(taken: list[str]) -> None:
    assert handler(batch(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})), None) == {
        "batchItemFailures": []
    }
    assert taken == []


def test_one_mail_that_must_come_again_does_not_take_the_others_along(taken: list[str]) -> None:
    answer = handler(batch(created("mail/one"), created("mail/away"), "{", created("mail/two")), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert taken == ["mail/one", "mail/two"]
