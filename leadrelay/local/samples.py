"""What the senders would send: each vendor's own `sample.py`, with what the rules say about the source."""

from __future__ import annotations

import secrets as dice
from collections.abc import Mapping
from datetime import datetime

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.ports.sample import Sample, Sent, Visit
from leadrelay.ports.source import SecretValues, SourceSettings

SECRET_BYTES = 24


def build(visit: Visit, rules: Rules, secrets: SecretValues, now: datetime) -> Sent:
    """The delivery by which this visit reaches its source, signed with the source's secrets at `now` (UTC).

    Raises KeyError for a source that the rules do not have or a secret that is missing, Misconfigured for a vendor
    without samples, ValueError for a form that the sender cannot have.
    """
    policy = rules.sources.sources[visit.source]
    settings = SourceSettings(name=visit.source, vendor=policy.vendor, options=dict(policy.options))
    sample: Sample = registry.load("sample", policy.vendor)
    return sample.build(visit, settings, secrets, now)


def trial_secrets(vendor: str) -> Mapping[str, str]:
    """Fresh values for every secret that the vendor says it needs; those that belong together fit together."""
    made = {name: dice.token_hex(SECRET_BYTES) for name in registry.manifest(vendor).secrets}
    if "sample" not in registry.roles(vendor):
        return made
    together = getattr(registry.load("sample", vendor), "trial_secrets", dict)
    return {**made, **together()}
