"""Ingest: prove the sender, store every touch once, answer as the sender expects.

Store, then speak: a 2xx is given only after the table said yes. What cannot be stored is answered 503, so that the
sender keeps it and tries again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.records.deliveries import packed
from leadrelay.ports.rules import Rules
from leadrelay.ports.secrets import Secrets
from leadrelay.ports.source import (
    Delivery,
    Malformed,
    Offering,
    Outcome,
    Reply,
    SecretValues,
    Source,
    SourceSettings,
    Unauthentic,
    Wary,
    doors_of,
)
from leadrelay.ports.store import Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.screen import Screen, suspected
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
    screen: Screen
    body_limit: Callable[[str], int] = lambda _: BODY_LIMIT

    def __call__(self, name: str, delivery: Delivery) -> Reply:
        """Answer one request to `/in/{name}`, or one mail to `name`. Only names enabled in the rules are known, each at
        its own door: nobody can post what should have come by mail."""
        rules = self.rules.current()
        policy = rules.sources.sources.get(name)
        if policy is None or not policy.enabled:
            return _UNKNOWN
        source = self.sources(policy.vendor)
        if source is None or delivery.door not in doors_of(source):
            return _UNKNOWN
        settings = SourceSettings(name=name, vendor=policy.vendor, options=policy.options)
        outcome, reply = self._received(source, settings, delivery, rules)
        self.telemetry.count("Deliveries", source=name, outcome=outcome)
        return reply or source.acknowledge(outcome)

    def _received(
        self, source: Source, settings: SourceSettings, delivery: Delivery, rules: RuleSet
    ) -> tuple[Outcome, Reply | None]:
        refused = _unacceptable(delivery, self.body_limit(settings.vendor))
        if refused is not None:
            return refused, None
        try:
            return self._proven(source, settings, delivery, rules)
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
        self, source: Source, settings: SourceSettings, delivery: Delivery, rules: RuleSet
    ) -> tuple[Outcome, Reply | None]:
        now = self.clock.now()
        proof = self._authentic(source, settings, delivery, now)
        if proof.answer is not None:
            return "stored", proof.answer
        if delivery.method != "POST":
            return "malformed", _METHOD
        drafts = self._screened(source.parse(delivery, settings, now), settings, delivery, proof, rules, now)
        sha = hashlib.sha256(settings.name.encode() + b"\0" + delivery.body).hexdigest()
        for part in packed(sha, settings.name, source.keep(delivery), now):
            self.store.put_once(part)  # whoever was erased since is not brought back by a repeat
        Take(self.store, self.telemetry).all(
            drafts, Brought(settings, proof.trust, f"delivery:{sha}", rules.version, now, sha)
        )
        return "stored", None

    def _authentic(self, source: Source, settings: SourceSettings, delivery: Delivery, now: datetime) -> _Proof:
        """How far the sender is proven. A secret may just have been rotated: before a sender is refused or suspected,
        its secrets are read anew. Only who comes to the public address has one to show."""
        if delivery.door != "http":
            return _judged(source, settings, delivery, {}, now)
        path = f"source/{settings.name}"
        known = self.secrets.get(path)
        try:
            proof = _judged(source, settings, delivery, known, now)
        except Unauthentic:
            return _judged(source, settings, delivery, self.secrets.refresh(path), now)
        if proof.suspicion is None or (fresh := self.secrets.refresh(path)) == known:
            return proof
        return _judged(source, settings, delivery, fresh, now)

    def _screened(
        self,
        drafts: Sequence[TouchDraft],
        settings: SourceSettings,
        delivery: Delivery,
        proof: _Proof,
        rules: RuleSet,
        now: datetime,
    ) -> list[TouchDraft]:
        """With what speaks against them; what the body itself shows comes first."""
        found = [
            draft if draft.suspicion or proof.suspicion is None else suspected(draft, proof.suspicion, proof.trust)
            for draft in drafts
        ]
        policy = rules.sources.sources[settings.name]
        return self.screen(found, policy, proof.trust, delivery.address, rules, now)


@dataclass(frozen=True, slots=True)
class _Proof:
    """The answer to who delivers nothing, or how far the sender is proven and what its secrets show against it."""

    answer: Reply | None
    trust: Trust = "unverified"
    suspicion: str | None = None


def _judged(
    source: Source, settings: SourceSettings, delivery: Delivery, secrets: SecretValues, now: datetime
) -> _Proof:
    answer = source.challenge(delivery, settings, secrets)
    if answer is None and delivery.method == "GET" and isinstance(source, Offering):
        answer = source.offer(delivery, settings, secrets, now)
    if answer is not None or delivery.method != "POST":
        return _Proof(answer)
    trust = source.verify(delivery, settings, secrets, now)
    suspicion = source.suspicion(delivery, settings, secrets, now) if isinstance(source, Wary) else None
    return _Proof(None, trust, suspicion)


def _unacceptable(delivery: Delivery, limit: int) -> Outcome | None:
    if len(delivery.body) > limit or any(len(value) > HEADER_LIMIT for value in delivery.headers.values()):
        return "too_large"
    if delivery.header("content-encoding") not in ("", "identity"):
        return "unsupported_encoding"
    return None
