"""What a vendor's `sample.py` makes: the request of an invented person, exactly as the sender would send it.

A vendor's folder has `build(visit, settings, secrets, now) -> Sent`. Samples are for trying a connection, for the demo
and for tests; they ship in no Lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from leadrelay.ports.source import Delivery, Door, SecretValues, SourceSettings


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist, at a company that cannot: example domains, telephone numbers reserved for drama."""

    first_name: str
    last_name: str
    email: str
    phone: str
    job_title: str
    company: str
    country: str
    industry: str
    employees: int

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One thing a person did at a source; `form` is the sender's id of the form, `key` its id of the submission.

    `event` makes it a behaviour instead of a submission. `mapped` False gives every field a name that nobody knows.
    `ticked` are boxes of the company's own forms, `callback_minutes` when from now the person wants to be called.
    """

    source: str
    person: Person
    form: str
    key: str
    message: str = ""
    event: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = True
    ticked: tuple[str, ...] = ()
    callback_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A request ready to be made at a source's address. `door` is the way it goes: a mail is put to its bucket.

    `later` is what the vendor's read API will say of the lead, for senders whose request carries only an id; the
    vendor's own sandbox understands it.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    door: Door = "http"
    later: Mapping[str, Any] | None = field(default=None, repr=False)

    def delivery(self) -> Delivery:
        """The request as the source will see it."""
        return Delivery(self.method, dict(self.headers), self.query, self.body, self.door)


class Sample(Protocol):
    """The function of a `connectors/<vendor>/sample.py`. Headers are lower-case. A vendor whose secrets belong together
    (two halves of a key) also has `trial_secrets() -> dict[str, str]`, fresh ones for a trial deployment."""

    def build(self, visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
        """What the sender would send of this visit, signed at `now` (UTC) with the newest value of each secret. Raises
        KeyError naming a secret that is missing, ValueError for a form that this sender cannot have."""
        ...


def newest(secrets: SecretValues, name: str) -> str:
    """The newest active value of a secret: what a sender would use. Raises KeyError."""
    return secrets[name][0]
