"""Ingest: prove the sender, store every touch once, answer as the sender expects.

Store, then speak: a 2xx is given only after the table said yes. What cannot be stored is answered 503, so that the
sender keeps it and tries again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.touch import Trust
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.records.deliveries import packed
from leadrelay.ports.rules import Rules
from leadrelay.ports.secrets import Secrets
from leadrelay.ports.source import (
    Delivery,
    Malformed,
    Outcome,
    Reply,
    SecretValues,
    Source,
    SourceSettings,
    Unauthentic,
)
from leadrelay.ports.store import Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.take import Brought, Take

BODY_LIMIT = 256 * 1024
"""Bytes of a request body, unless its sender is known to send more; larger ones are refused before they are hashed or
parsed."""

HEADER_LIMIT = 8 * 1024
"""Bytes of one header's value."""

_UNKNOWN = Reply(404, "unknown endpoint")
_METHOD = Reply(405, "method not allowed")


@dataclass(frozen=True, slots=True)
class Ingest:
    """The workflow with its ports; `sources` gives a vendor's Source by folder name, None for one whose touches
    are brought as a file, `body_limit` the bytes that a vendor's deliveries may have."""

    store: Store
    rules: Rules
    secrets: Secrets
    sources: Callable[[str], Source | None]
    clock: Clock
    telemetry: Telemetry
    body_limit: Callable[[str], int] = lambda _: BODY_LIMIT

    def __call__(self, name: str, delivery: Delivery) -> Reply:
        """Answer one request to `/in/{name}`. Only names enabled in the rules are known."""
        rules = self.rules.current()
        policy = rules.sources.sources.get(name)
        if policy is None or not policy.enabled:
            return _UNKNOWN
        source = self.sources(policy.vendor)
        if source is None:
            return _UNKNOWN
        settings = SourceSettings(name=name, vendor=policy.vendor, options=policy.options)
        outcome, reply = self._received(source, settings, delivery, rules.version)
        self.telemetry.count("Deliveries", source=name, outcome=outcome)
        return reply or source.acknowledge(outcome)

    def _received(
        self, source: Source, settings: SourceSettings, delivery: Delivery, rules_version: str
    ) -> tuple[Outcome, Reply | None]:
        refused = _unacceptable(delivery, self.body_limit(settings.vendor))
        if refused is not None:
            return refused, None
        try:
            return self._proven(source, settings, delivery, rules_version)
        except Unauthentic:
            return "unauthentic", None
        except Malformed:
            return "malformed", None
        except Reject:
            return "too_large", None
        except (Retry, Misconfigured) as trouble:
            self.telemetry.line("ingest_unavailable", source=settings.name, trouble=type(trouble).__name__)
            return "unavailable", None

    def _proven(
        self, source: Source, settings: SourceSettings, delivery: Delivery, rules_version: str
    ) -> tuple[Outcome, Reply | None]:
        now = self.clock.now()
        challenge, trust = self._authentic(source, settings, delivery, now)
        if challenge is not None:
            return "stored", challenge
        if delivery.method != "POST":
            return "malformed", _METHOD
        drafts = source.parse(delivery, settings, now)
        sha = hashlib.sha256(settings.name.encode() + b"\0" + delivery.body).hexdigest()
        for part in packed(sha, settings.name, source.keep(delivery), now):
            self.store.put(part)
        Take(self.store, self.telemetry).all(
            drafts, Brought(settings, trust, f"delivery:{sha}", rules_version, now, sha)
        )
        return "stored", None

    def _authentic(
        self, source: Source, settings: SourceSettings, delivery: Delivery, now: datetime
    ) -> tuple[Reply | None, Trust]:
        """A handshake's answer, or how far the sender is proven. A secret may just have been rotated: before a sender
        is refused, its secrets are read anew."""
        path = f"source/{settings.name}"
        known = self.secrets.get(path)
        try:
            return _judged(source, settings, delivery, known, now)
        except Unauthentic:
            fresh = self.secrets.refresh(path)
            if fresh == known:
                raise
            return _judged(source, settings, delivery, fresh, now)


def _judged(
    source: Source, settings: SourceSettings, delivery: Delivery, secrets: SecretValues, now: datetime
) -> tuple[Reply | None, Trust]:
    challenge = source.challenge(delivery, settings, secrets)
    if challenge is not None or delivery.method != "POST":
        return challenge, "unverified"
    return None, source.verify(delivery, settings, secrets, now)


def _unacceptable(delivery: Delivery, limit: int) -> Outcome | None:
    if len(delivery.body) > limit or any(len(value) > HEADER_LIMIT for value in delivery.headers.values()):
        return "too_large"
    if delivery.header("content-encoding") not in ("", "identity"):
        return "unsupported_encoding"
    return None
