"""Telegram: somebody starts the bot, shares their own number, or writes to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample
from leadrelay.ports.sample import Person, Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """`start` follows a link with the campaign, `message` is one, for any other form the own number is shared."""
    number = int(sample.digits(visit, 10, visit.person.email))
    sender = {"id": number, "is_bot": False, "language_code": "en", **_named(visit.person)}
    message = {
        "message_id": int(sample.digits(visit, 5)),
        "from": sender,
        "chat": {"id": number, "type": "private", **_named(visit.person)},
        "date": int(now.timestamp()),
        **_said(visit, number),
    }
    body = sample.compact({"update_id": int(sample.digits(visit, 9)), "message": message})
    secret = newest(secrets, "secret_token")
    return Sent({"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}, body)


def _said(visit: Visit, number: int) -> dict[str, Any]:
    if visit.form == "start":
        return {"text": f"/start {visit.utm.get('campaign', 'sample')}"}
    if visit.form == "message":
        return {"text": visit.message or sample.MESSAGE}
    shared = {"phone_number": visit.person.phone.removeprefix("+"), "user_id": number}
    return {"contact": {**shared, **_named(visit.person)}}


def _named(person: Person) -> dict[str, str]:
    return {"first_name": person.first_name, "last_name": person.last_name}
