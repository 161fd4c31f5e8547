"""What follows from what is known already: the kind of an address, the country of a number, the rank in a title.

Derived values are the profile's weakest: anybody who says or looks up the same thing outranks them. They are a pure
function of the rest of the profile, the newest submission and the rules, so they are made anew each time and never
out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadrelay.domain.enrichment import languages, places, reachable
from leadrelay.domain.person import normal
from leadrelay.domain.person.profile import DERIVED, Plain, Profile, Value
from leadrelay.domain.person.titles import department, seniority

if TYPE_CHECKING:
    from leadrelay.domain.rules import Rules
    from leadrelay.domain.signal import Attribution


@dataclass(slots=True)
class _Known:
    """What is known so far. `last` is the newest submission."""

    values: dict[str, Value]
    last: Attribution | None
    rules: Rules
    _numbers: dict[str, tuple[str, str | None] | None] = field(default_factory=dict)

    def from_number(self, part: int) -> Value | None:
        """The kind (0) or the country (1) of the number, which is read once."""
        return self.from_("lead.phone", lambda number: _part(self._facts(number), part))

    def _facts(self, number: str) -> tuple[str, str | None] | None:
        if number not in self._numbers:
            self._numbers[number] = reachable.phone_facts(number)
        return self._numbers[number]

    def from_(self, name: str, read: Callable[[str], Plain | None]) -> Value | None:
        """What is read off a field, as a value of its time and touch."""
        base = self.values.get(name)
        plain = None if base is None else read(str(base.value))
        return None if base is None or plain is None else _derived(plain, base.touch_id, base)

    def from_origin(self, said: str | None, read: Callable[[str], Plain | None]) -> Value | None:
        """What is read off the newest submission's origin."""
        plain = None if said is None else read(said)
        if self.last is None or plain is None:
            return None
        return Value(value=plain, basis="enriched", source=DERIVED, touch_id=self.last.touch_id, at=self.last.at)


def derived(profile: Profile, last: Attribution | None, rules: Rules) -> Profile:
    """The profile with all that follows from it, of the fields that the rules declare; what followed before and does
    no more is gone."""
    said = {name: value for name, value in profile.values.items() if not value.derived}
    known = _Known(said, last, rules)
    for name, follows in _FACTS.items():
        if name in rules.fields.fields and name not in known.values:
            value = next(filter(None, follows(known)), None)
            known.values.update({} if value is None else {name: value})
    return profile if known.values == profile.values else profile.with_(values=known.values)


def _derived(plain: Plain, touch_id: str, base: Value) -> Value:
    return Value(value=plain, basis="enriched", source=DERIVED, touch_id=touch_id, at=base.at)


def _email_kind(known: _Known) -> Iterator[Value | None]:
    yield known.from_("lead.email", lambda address: reachable.email_kind(address, known.rules.fields))


def _email_state(known: _Known) -> Iterator[Value | None]:
    """Bounced, while the address is the one that mails came back from, and its person has not used it since."""
    address, back = known.values.get("lead.email"), known.values.get("lead.email_bounced")
    if address is not None and back is not None and address.value == back.value and address.at <= back.at:
        yield _derived(reachable.BOUNCED, back.touch_id, back)


def _phone_kind(known: _Known) -> Iterator[Value | None]:
    yield known.from_number(0)


def _country(known: _Known) -> Iterator[Value | None]:
    """Where somebody is, by the surest that there is: what they said, where they were, their number, their domain."""
    yield known.from_("account.country", str)
    yield known.from_origin(known.last.origin.country if known.last else None, normal.country)
    yield known.from_number(1)
    yield known.from_("account.domain", places.country_of_domain)


def _language(known: _Known) -> Iterator[Value | None]:
    """The language they were shown, else the one they wrote, else that of their country."""
    yield known.from_origin(known.last.origin.language if known.last else None, languages.of_code)
    yield known.from_("lead.message", languages.written_in)
    yield known.from_("lead.country", languages.OF_COUNTRY.get)


def _time_zone(known: _Known) -> Iterator[Value | None]:
    yield known.from_("lead.country", places.TIME_ZONES.get)


def _region(known: _Known) -> Iterator[Value | None]:
    """By the postcode, else by the country alone."""
    country = known.values.get("account.country") or known.values.get("lead.country")
    if country is not None:
        region, where = known.rules.enrichment.region, str(country.value)
        yield known.from_("lead.postcode", lambda postcode: region(where, postcode))
        plain = region(where, None)
        yield None if plain is None else _derived(plain, country.touch_id, country)


def _seniority(known: _Known) -> Iterator[Value | None]:
    yield known.from_("lead.job_title", seniority)


def _department(known: _Known) -> Iterator[Value | None]:
    yield known.from_("lead.job_title", department)


_FACTS: dict[str, Callable[[_Known], Iterator[Value | None]]] = {
    "lead.email_kind": _email_kind,
    "lead.email_state": _email_state,
    "lead.phone_kind": _phone_kind,
    "lead.country": _country,
    "lead.language": _language,
    "lead.time_zone": _time_zone,
    "account.region": _region,
    "lead.seniority": _seniority,
    "lead.department": _department,
}
"""Each derived field and where it follows from, the surest first; later ones may rest on earlier ones."""


def _part(facts: tuple[str, str | None] | None, number: int) -> str | None:
    return None if facts is None else facts[number]
