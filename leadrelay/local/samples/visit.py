"""An invented person, what they did, and the request that tells us of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    """A delivery ready to be posted. `graph_lead` is what Meta's Graph API will say when it is asked for the lead."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    graph_lead: Mapping[str, Any] | None = None


def first(values: Mapping[str, tuple[str, ...]], name: str) -> str:
    """The newest active value of a secret: what a sender would use."""
    return values[name][0]
