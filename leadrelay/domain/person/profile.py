"""The profile: what is known of a person and their company, each value with where it came from.

Which value wins does not depend on the order in which touches are worked on: the better proven one, then the newer
one, then the greater touch id. So repeats and reorderings of the same touches give the same profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.consent import Consent, Statement, merged, together

Plain = str | int | bool
Basis = Literal["enriched", "unverified", "verified"]
"""How a value is proven: looked up by us, said by somebody, said by a sender that proved a secret."""

DERIVED = "derived"
"""The source of what follows from other values: it gives way to everything that somebody said or looked up."""

_PROOF: Mapping[Basis, int] = {"enriched": 0, "unverified": 1, "verified": 2}


class Value(Model):
    """One value of one field; `at` is when it was said (UTC)."""

    value: Plain
    basis: Basis
    source: str
    touch_id: str
    at: Instant

    def outranks(self, other: Value) -> bool:
        """Whether this value replaces the other one."""
        return self._rank() > other._rank()

    @property
    def derived(self) -> bool:
        """Whether it only follows from other values."""
        return self.basis == "enriched" and self.source == DERIVED

    def _rank(self) -> tuple[int, bool, Instant, str, str]:
        return (_PROOF[self.basis], not self.derived, self.at, self.touch_id, str(self.value))


class Profile(Model):
    """Values by field name (`lead.email`, `account.employees`), and what the person allowed and refused, by purpose.
    Personal data: never logged, never on the bus."""

    values: dict[str, Value] = Field(default_factory=dict)
    consents: dict[str, Consent] = Field(default_factory=dict)

    def plain(self) -> dict[str, Plain]:
        """Just the values."""
        return {name: known.value for name, known in self.values.items()}

    def text(self, name: str) -> str | None:
        """The value as text, or None."""
        known = self.values.get(name)
        return None if known is None else str(known.value)

    def learn(self, news: Iterable[tuple[str, Value]]) -> Profile:
        """The profile after hearing these; each wins only over what it outranks."""
        values = dict(self.values)
        for name, value in news:
            if name not in values or value.outranks(values[name]):
                values[name] = value
        return self.with_(values=values)

    def absorb(self, other: Profile) -> Profile:
        """Both profiles as one."""
        return self.learn(other.values.items()).with_(consents=merged(self.consents, other.consents))

    def agreed(self, said: Iterable[tuple[str, Statement]]) -> Profile:
        """The profile after hearing these statements, each with its purpose."""
        return self.with_(consents=together(self.consents, said))
