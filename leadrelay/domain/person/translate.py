"""From the sender's words to our fields.

Names are looked up in this order: the form's map, the source's map, the vendor's defaults, the names every field
declares. A touch keeps its words, so a mapping fix translates it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from leadrelay.domain.enrichment.places import TIME_ZONES
from leadrelay.domain.person import normal
from leadrelay.domain.person.moment import moment
from leadrelay.domain.person.policy import FieldPolicy, FieldsPolicy, Kind
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, Words

_READERS: Mapping[Kind, Callable[[str, str], Plain | None]] = {
    "text": lambda text, _: normal.plain_text(text),
    "number": lambda text, _: normal.whole_number(text),
    "flag": lambda text, _: normal.flag(text),
    "email": lambda text, _: normal.email(text),
    "phone": normal.phone,
    "country": lambda text, _: normal.country(text),
    "time": lambda text, _: _utc(text),
}


def _utc(text: str) -> str | None:
    """A time that says its own offset."""
    at = moment(text, None, datetime.min.replace(tzinfo=UTC))
    return None if at is None else at.isoformat()


def translate(touch: Touch, words: Words, source: SourcePolicy, policy: FieldsPolicy) -> dict[str, Plain]:
    """Our field names and normal values; what nobody maps or cannot be read is left out. First answer wins."""
    names = names_of(source, touch.origin.form, policy)
    country = (touch.origin.country or source.country or policy.home_country).upper()
    found: dict[str, Plain] = {}
    times: list[tuple[str, str]] = []
    for field, text in _answers(words, names):
        if policy.fields[field].kind == "time":
            times.append((field, text))
            continue
        value = read(policy.fields[field], text, country)
        if value is not None and field not in found:
            found[field] = value
    return _with_name(_with_times(found, times, country, touch, policy))


def _with_times(
    found: dict[str, Plain], times: list[tuple[str, str]], country: str, touch: Touch, policy: FieldsPolicy
) -> dict[str, Plain]:
    """Times, in the zone of the person's own country where they said it. One that cannot be read is a word for the rep:
    it stands with the message."""
    zone = TIME_ZONES.get(str(found.get("lead.country") or found.get("account.country") or country))
    for field, text in times:
        at = moment(text, zone, touch.occurred_at)
        if at is None:
            found = remarked(found, policy.fields[field], text)
        else:
            found.setdefault(field, at.isoformat())
    return found


def remarked(found: Mapping[str, Plain], spec: FieldPolicy, text: str) -> dict[str, Plain]:
    """The values with an answer put into words, at the end of the message."""
    line = f"{next(iter(spec.says), 'time')}: {text}"
    message = normal.plain_text("\n".join(filter(None, (str(found.get("lead.message", "")), line))))
    return {**found, "lead.message": message or line}


def _answers(words: Words, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for answer in words.answers:
        field = names.get(normal.field_name(answer.key)) or names.get(normal.field_name(answer.label or ""))
        text = ", ".join(value for value in answer.values if value.strip())
        if field is not None and text:
            yield field, text


def names_of(source: SourcePolicy, form_id: str | None, policy: FieldsPolicy) -> dict[str, str]:
    """Sender's name in normal form -> our field; the most specific map wins."""
    maps: tuple[Mapping[str, tuple[str, ...]], ...] = (
        {field: (field, *spec.says) for field, spec in policy.fields.items()},
        source.defaults,
        source.map,
        source.form(form_id).map,
    )
    return {
        normal.field_name(name): field
        for each in maps
        for field, names in each.items()
        for name in names
        if field in policy.fields
    }


def read(spec: FieldPolicy, text: str, country: str) -> Plain | None:
    """The text as the field's kind of value, None where it is none; `country` reads numbers without a country code."""
    coded = _coded(spec, text)
    value = _READERS[spec.kind](text if coded is None else coded, country)
    return normal.cut(value, spec.longest) if isinstance(value, str) else value


def _coded(spec: FieldPolicy, text: str) -> str | None:
    wanted = normal.field_name(text)
    for value, spellings in spec.values.items():
        if wanted in (normal.field_name(spelling) for spelling in (value, *spellings)):
            return value
    return None


def _with_name(found: dict[str, Plain]) -> dict[str, Plain]:
    """Split a full name where first and last were not given."""
    full = found.get("lead.full_name")
    if full is None or "lead.last_name" in found:
        return found
    from nameparser import HumanName

    name = HumanName(str(full))
    parts = {"lead.first_name": name.first, "lead.last_name": " ".join(filter(None, (name.middle, name.last)))}
    return {**{field: part for field, part in parts.items() if part}, **found}
