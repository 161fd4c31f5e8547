"""What the senders would send: correctly signed deliveries of invented people, one module per vendor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leadrelay.domain.rules import Rules
from leadrelay.local.samples import google_ads, meta, typeform, webform
from leadrelay.local.samples.visit import Person, Sent, Visit
from leadrelay.ports.source import SecretValues, SourceSettings

Builder = Callable[[Visit, SourceSettings, SecretValues, datetime], Sent]

BUILDERS: dict[str, Builder] = {
    "google_ads": google_ads.build,
    "meta": meta.build,
    "typeform": typeform.build,
    "webform": webform.build,
}


def build(visit: Visit, rules: Rules, secrets: SecretValues, now: datetime) -> Sent:
    """The delivery by which this visit reaches its source, signed with the source's secrets at `now` (UTC).

    Raises KeyError for a source that the rules do not have, or a vendor without samples.
    """
    policy = rules.sources.sources[visit.source]
    settings = SourceSettings(name=visit.source, vendor=policy.vendor, options=dict(policy.options))
    return BUILDERS[policy.vendor](visit, settings, secrets, now)


__all__ = ["BUILDERS", "Person", "Sent", "Visit", "build"]
