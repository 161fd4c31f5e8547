"""Receiving: what a vendor's folder must say about its webhooks.

A `source.py` module is a Source: the functions below at module level, pure and without network. The answer is not
uniform among senders (some disable an endpoint for one wrong status), so each source owns its acknowledgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from leadrelay.domain.touch import TouchDraft, Trust

SecretValues = Mapping[str, tuple[str, ...]]
"""Named secrets; each may have several active values, so that it can be rotated without losing a delivery."""


Door = Literal["http", "mail", "bus"]
"""By which way a delivery came in: the public address, where anybody can knock, the bucket that only the mail service
writes into, or a partner's event bus in our own account, which only that partner writes to. A source that is not made
for a door refuses what comes through it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request, exactly as it was sent. Header names are lower-case; `body` is the raw bytes that were signed.

    `address` is the network address that it came from ("" when that is not known): personal data, for counting only.
    """

    method: str
    headers: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    door: Door = "http"
    address: str = field(default="", repr=False)

    def header(self, name: str) -> str:
        """The header's value, or "" when it is absent. `name` in lower case."""
        return self.headers.get(name, "")

    def parameter(self, name: str) -> str:
        """First value of a query parameter, or ""."""
        return next((value for key, value in self.query if key == name), "")


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What RevOps set for this source in `sources.yaml`. `options` are the vendor's own, checked by its `Options`."""

    name: str
    vendor: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender gets. `body` is a constant or the sender's own challenge, never detail of a failure."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Outcome = Literal["stored", "unauthentic", "malformed", "too_large", "unsupported_encoding", "unavailable"]
"""`stored` covers repeats too: the sender cannot tell, and must not retry."""


class Unauthentic(Exception):
    """The delivery does not prove its sender. The message is for our own counters: a code, never payload."""


class Malformed(Exception):
    """The bytes are not what this sender sends. The message is a code, never payload."""


def doors_of(source: object) -> tuple[Door, ...]:
    """The doors that a source is made for: its `DOORS`, or "http" alone where it has none."""
    doors: tuple[Door, ...] = getattr(source, "DOORS", ("http",))
    return doors


class Source(Protocol):
    """The functions of a `connectors/<vendor>/source.py`. One that is made for other doors than the
    public address also says `DOORS`."""

    def challenge(self, delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
        """The answer to a subscription handshake, or None when this request is none. Raises Unauthentic."""
        ...

    def verify(self, delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
        """How far the sender is proven. Raises Unauthentic (401) or Malformed (400)."""
        ...

    def parse(self, delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
        """The touches of an authentic delivery; [] for what concerns nobody. Raises Malformed."""
        ...

    def keep(self, delivery: Delivery) -> bytes:
        """The body as it may be kept for a month: with secrets that travel inside it taken out."""
        ...

    def acknowledge(self, outcome: Outcome) -> Reply:
        """The exact answer this sender expects."""
        ...


@runtime_checkable
class Wary(Protocol):
    """A source that can tell a robot by what only its secrets show. Nobody is refused for it."""

    def suspicion(
        self, delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime
    ) -> str | None:
        """Why the delivery is suspect (a code), or None. Asked after `verify`. Raises Malformed."""
        ...


@runtime_checkable
class Offering(Protocol):
    """A source that gives a visitor's page something before it sends, such as a signed time."""

    def offer(self, delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Reply | None:
        """The answer to a GET that is no handshake, or None when it asks for nothing. Raises Misconfigured."""
        ...
