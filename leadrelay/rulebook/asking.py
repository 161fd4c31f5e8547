"""Asking rules: which of them hold for a lead as it was seen, which one decides, and what each part of it saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import JsonValue

from leadrelay.domain.person.profile import Plain
from leadrelay.domain.routing.destination import destination
from leadrelay.domain.rules import Rules
from leadrelay.domain.signal import Attribution
from leadrelay.domain.view import of_touch
from leadrelay.rulebook.explanation import Asked, Leaf
from leadrelay.rulebook.sites import FOUND_IN


def asked(
    rules_asked: Iterable[tuple[str, str]], seen: Mapping[str, object], rules: Rules, at: datetime
) -> tuple[Asked, ...]:
    """Each rule with its parts; the first that holds decides."""
    found: list[Asked] = []
    for rule, text in rules_asked:
        holds = rules.holds(text, seen, at)
        decides = holds and not any(earlier.decides for earlier in found)
        found.append(
            Asked(rule=rule, condition=text, holds=holds, decides=decides, parts=_parts(text, seen, rules, at))
        )
    return tuple(found)


def channels_asked(came: Attribution, rules: Rules, at: datetime) -> tuple[Asked, ...]:
    """The rules of the channels, which see nothing but the touch."""
    seen = {name: value for name, value in of_touch(came).items() if value is not None and name not in FOUND_IN}
    return asked([(rule.channel, rule.if_) for rule in rules.sources.channels], seen, rules, at)


def routing_asked(seen: Mapping[str, object], rules: Rules, at: datetime) -> tuple[Asked, ...]:
    """The routing rules. One with a table does not decide where no row of it holds."""
    found = asked([(rule.id, rule.if_) for rule in rules.routing.rules], seen, rules, at)
    decides = destination(seen, rules, at)
    own = None if decides is None else decides.id.partition("/")[0]
    return tuple(one.with_(decides=one.rule == own) for one in found)


def _parts(text: str, seen: Mapping[str, object], rules: Rules, at: datetime) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(text=part.text, holds=part.holds, values={name: _json(value) for name, value in part.values})
        for part in rules.condition(text).explain(seen, at)
    )


def _json(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_json(one) for one in value]
    return value if value is None or isinstance(value, Plain) else str(value)
