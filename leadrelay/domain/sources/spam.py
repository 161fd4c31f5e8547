"""`spam:` in `sources.yaml`: what makes a submission suspect, and which leads are only tests.

What is suspect is answered like a success, stored with its suspicion and shown to nobody in sales until a person has
looked. Codes only: what a robot did is said in one word, never whose address it typed.
"""

from __future__ import annotations

from pydantic import Field

from leadrelay.domain.model import Model

ADDRESS_LIMIT = "address_limit"
"""More came from one network address than people there could have typed."""

IDENTITY_LIMIT = "identity_limit"
"""One e-mail address or number was typed more often than one person asks."""

DISPOSABLE = "disposable_mail"
"""The mail address is thrown away within the hour."""

BLOCKED = "blocked_mail"
"""The mail address is of a domain that RevOps does not want."""


class Limit(Model):
    """At most so many `touches` in each window of so many `minutes`, counted from midnight UTC."""

    touches: int = Field(ge=1, le=100_000)
    minutes: int = Field(ge=1, le=1440)


class SpamPolicy(Model):
    """`disposable_mail` suspects throw-away addresses (`fields.yaml` says which), `block` the mail domains of people
    who only ever sell; `allow` are mail domains that are never suspected (our own, an agency's). `per_address` and
    `events_per_address` limit submissions and events from one network address, `per_identity` submissions of one
    e-mail address or number; null is no limit. A touch with one of the `test_values` is a test: "@qa.example" is every
    address there, "Test lead*" everything that begins like that."""

    disposable_mail: bool = True
    block: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    per_address: Limit | None = Limit(touches=30, minutes=60)
    events_per_address: Limit | None = Limit(touches=600, minutes=60)
    per_identity: Limit | None = Limit(touches=5, minutes=60)
    test_values: tuple[str, ...] = ()
