"""What was looked up about a company, as values that a profile can learn: it never outranks what somebody said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadrelay.domain.model import Instant
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain, Value
from leadrelay.domain.person.translate import read

ALWAYS = ("account.customer", "account.open_deal", "account.owner", "account.deal_owner")
"""Fields that rules may use although no sender ever says them."""


def looked_up(
    found: Mapping[str, Plain | None], policy: FieldsPolicy, source: str, touch_id: str, at: Instant
) -> Iterator[tuple[str, Value]]:
    """The values under our field names; what cannot be read, and fields that nobody declares, are left out."""
    for name, said in found.items():
        spec = policy.fields.get(name)
        value = said if name in ALWAYS else None
        if spec is not None and said is not None:
            value = read(spec, str(said), policy.home_country)
        if value is not None:
            yield name, Value(value=value, basis="enriched", source=source, touch_id=touch_id, at=at)
